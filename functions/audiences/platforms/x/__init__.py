"""X custom audiences: lower case, SHA-256, and the handle is an identifier of its own."""

from audiences.identity import Identifier
from audiences.identity import steps as s
from audiences.identity.identifier import MOBILE_IDS
from audiences.platforms.base import Platform
from audiences.platforms.x.version import API_VERSION, DOCS, SUNSET

_USER_DATA = "https://developer.x.com/en/docs/x-ads-api/audiences/overview/user-data"

PLATFORM = Platform(
    slug="x",
    title="X Ads",
    docs=DOCS,
    api_version=API_VERSION,
    sunset=SUNSET,
    identifiers={
        "email": Identifier(steps=(s.trim, s.lower, s.email_shape()), source=_USER_DATA),
        "phone": Identifier(steps=(s.e164("plus"),), source=_USER_DATA, confidence="low"),
        "maid": Identifier(steps=(s.trim, s.lower, s.maid), source=_USER_DATA, reads=MOBILE_IDS),
        "username": Identifier(steps=(s.trim, s.drop_prefix("@"), s.lower), source=_USER_DATA),
        "external_id": Identifier(steps=(s.trim,), digest="none", source=DOCS),
    },
)
