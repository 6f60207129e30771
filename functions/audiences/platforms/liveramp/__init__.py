"""LiveRamp files: hashed addresses, SHA-1 of ten phone digits, everything else plain in named columns."""

from audiences.identity import Identifier
from audiences.identity import steps as s
from audiences.identity.identifier import MOBILE_IDS
from audiences.platforms.base import Platform
from audiences.platforms.liveramp.version import API_VERSION, DOCS, SUNSET

_PARTNER = (
    "https://github.com/segmentio/action-destinations/tree/main/packages/destination-actions/src/destinations/"
    "liveramp-audiences"
)


def _plain() -> Identifier:
    return Identifier(steps=(s.trim,), digest="none", source=DOCS)


PLATFORM = Platform(
    slug="liveramp",
    title="LiveRamp",
    docs=DOCS,
    api_version=API_VERSION,
    sunset=SUNSET,
    identifiers={
        "email": Identifier(steps=(s.trim, s.lower, s.email_shape()), source=_PARTNER),
        "phone": Identifier(steps=(s.e164("us10"),), digest="sha1_hex", source=_PARTNER),
        "first_name": _plain(),
        "last_name": _plain(),
        "city": _plain(),
        "state": _plain(),
        "zip": _plain(),
        "country": _plain(),
        "maid": Identifier(steps=(s.trim, s.maid), digest="none", source=DOCS, reads=MOBILE_IDS),
        "external_id": _plain(),
    },
)
