"""The Trade Desk CRM data: UID2's rules, so gmail.com alone is folded and the hash is written in base64."""

from audiences.identity import Identifier
from audiences.identity import steps as s
from audiences.identity.identifier import MOBILE_IDS
from audiences.platforms.base import Platform
from audiences.platforms.the_trade_desk.version import API_VERSION, DOCS, SUNSET

_UID2 = "https://unifiedid.com/docs/getting-started/gs-normalization-encoding"
_GMAIL = s.gmail_fold(("gmail.com",), dots=True, plus=True)

PLATFORM = Platform(
    slug="the_trade_desk",
    title="The Trade Desk",
    docs=DOCS,
    api_version=API_VERSION,
    sunset=SUNSET,
    identifiers={
        # ascii_lower: PyPI uid2-client 2.9.0 lower-cases A to Z only, and the hash must meet UID2's own.
        "email": Identifier(
            steps=(s.trim, s.ascii_lower, s.email_shape(), _GMAIL), digest="sha256_base64", source=_UID2
        ),
        "phone": Identifier(steps=(s.e164("plus"),), digest="sha256_base64", source=_UID2),
        "maid": Identifier(steps=(s.trim, s.maid), digest="none", source=DOCS, reads=MOBILE_IDS),
    },
)
