"""Snap Audience Match: one kind of identifier per upload, all of them hashed, ad ids too."""

from audiences.identity import Identifier
from audiences.identity import steps as s
from audiences.identity.identifier import MOBILE_IDS
from audiences.platforms.base import Platform
from audiences.platforms.snap.version import API_VERSION, DOCS, SUNSET

_PRACTICES = "https://developers.snap.com/api/marketing-api/Conversions-API/BestPractices"

PLATFORM = Platform(
    slug="snap",
    title="Snap Audience Match",
    docs=DOCS,
    api_version=API_VERSION,
    sunset=SUNSET,
    identifiers={
        "email": Identifier(steps=(s.trim, s.lower, s.email_shape()), source=_PRACTICES),
        "phone": Identifier(steps=(s.e164("digits"),), source=_PRACTICES),
        "maid": Identifier(steps=(s.trim, s.lower, s.maid), source=_PRACTICES, reads=MOBILE_IDS),
    },
)
