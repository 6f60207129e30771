"""Reddit custom audiences: dots and "+tag" go on every domain, not only on Gmail's."""

from audiences.identity import Identifier
from audiences.identity import steps as s
from audiences.identity.identifier import MOBILE_IDS
from audiences.platforms.base import Platform
from audiences.platforms.reddit.version import API_VERSION, DOCS, SUNSET

_PARTNER = (
    "https://github.com/segmentio/action-destinations/tree/main/packages/destination-actions/src/destinations/"
    "reddit-audiences"
)
_EVERYWHERE = s.gmail_fold(None, dots=True, plus=True)

PLATFORM = Platform(
    slug="reddit",
    title="Reddit Ads",
    docs=DOCS,
    api_version=API_VERSION,
    sunset=SUNSET,
    identifiers={
        "email": Identifier(steps=(s.trim, s.lower, s.email_shape(), _EVERYWHERE), source=_PARTNER),
        "maid": Identifier(
            steps=(s.trim, s.lower, s.maid), source=_PARTNER, confidence="low", reads=MOBILE_IDS
        ),
    },
)
