"""Users of a segment: a matrix of one kind of id a request."""

from audiences.preparation.refresh import Memory
from audiences.preparation.shape import Shape

_LISTS = "https://developers.snap.com/api/marketing-api/Ads-API/customer-lists"
SHAPE = Shape(
    kind="matrix",
    names={"email": "EMAIL_SHA256", "phone": "PHONE_SHA256", "maid": "MOBILE_AD_ID_SHA256"},
    max_rows=50_000,
    max_bytes=5 << 20,
    minimum=1_000,
    source=_LISTS,
    confidence="low",  # partners send 50,000 ids; the page states no number
    one_identifier=True,
    memory=Memory(days=0, setting="retention_days", source=_LISTS),
)
