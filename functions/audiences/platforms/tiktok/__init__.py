"""TikTok customer files: digits without "+" by default, because TikTok's own pages contradict each other."""

from audiences.identity import Identifier
from audiences.identity import steps as s
from audiences.identity.identifier import MOBILE_IDS
from audiences.platforms.base import Platform
from audiences.platforms.tiktok.version import API_VERSION, DOCS, SUNSET

_FORMATS = "https://ads.tiktok.com/help/article/list-of-supported-ids-and-formats-for-a-customer-file"
_PLUS = s.gmail_fold(None, dots=False, plus=True)  # on every domain, dots stay

PLATFORM = Platform(
    slug="tiktok",
    title="TikTok Ads",
    docs=DOCS,
    api_version=API_VERSION,
    sunset=SUNSET,
    identifiers={
        "email": Identifier(steps=(s.trim, s.lower, s.email_shape(), _PLUS), source=_FORMATS),
        "phone": Identifier(steps=(s.e164("digits"),), source=_FORMATS),
        # A newer page recommends "+": a file may carry both columns, up to three per type.
        "phone_plus": Identifier(
            steps=(s.e164("plus"),), source=_FORMATS, confidence="low", reads=("phone",)
        ),
        "maid": Identifier(steps=(s.trim, s.lower, s.maid), source=_FORMATS, reads=MOBILE_IDS),
    },
)
