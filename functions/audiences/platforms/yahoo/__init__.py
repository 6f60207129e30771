"""Yahoo DSP: hashed addresses and numbers, ad ids as they are."""

from audiences.identity import Identifier
from audiences.identity import steps as s
from audiences.identity.identifier import MOBILE_IDS
from audiences.platforms.base import Platform
from audiences.platforms.yahoo.version import API_VERSION, DOCS, SUNSET

_PARTNER = "https://www.rudderstack.com/docs/destinations/streaming-destinations/yahoo-dsp/"

PLATFORM = Platform(
    slug="yahoo",
    title="Yahoo DSP",
    docs=DOCS,
    api_version=API_VERSION,
    sunset=SUNSET,
    identifiers={
        "email": Identifier(steps=(s.trim, s.lower, s.email_shape()), source=_PARTNER),
        "phone": Identifier(steps=(s.e164("plus"),), source=_PARTNER, confidence="low"),
        "maid": Identifier(steps=(s.trim, s.maid), digest="none", source=_PARTNER, reads=MOBILE_IDS),
    },
)
