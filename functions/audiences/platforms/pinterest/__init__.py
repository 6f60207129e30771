"""Pinterest customer lists: addresses and ad ids, mixed as one likes, no phones."""

from audiences.identity import Identifier
from audiences.identity import steps as s
from audiences.identity.identifier import MOBILE_IDS
from audiences.platforms.base import Platform
from audiences.platforms.pinterest.version import API_VERSION, DOCS, SUNSET

_SPEC = "https://github.com/pinterest/api-description (v5, customer_lists)"

PLATFORM = Platform(
    slug="pinterest",
    title="Pinterest customer lists",
    docs=DOCS,
    api_version=API_VERSION,
    sunset=SUNSET,
    identifiers={
        "email": Identifier(steps=(s.trim, s.lower, s.email_shape()), source=_SPEC),
        "maid": Identifier(steps=(s.trim, s.lower, s.maid), source=_SPEC, confidence="low", reads=MOBILE_IDS),
    },
)
