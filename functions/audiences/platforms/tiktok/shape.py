"""A customer file with a header of kinds of ids; the upload takes it off where there is one kind only."""

from audiences.platforms.tiktok.version import DOCS
from audiences.preparation.refresh import Memory
from audiences.preparation.shape import Shape

SHAPE = Shape(
    kind="csv",
    names={"email": "email_SHA256", "phone": "phone_SHA256", "maid": "MAID_SHA256"},
    max_rows=350_000,  # so that a full file stays below max_bytes
    max_bytes=50_000_000,
    minimum=1_000,
    source="https://ads.tiktok.com/help/article/list-of-supported-ids-and-formats-for-a-customer-file",
    confidence="low",  # the file size is not on a public page
    memory=Memory(days=365, setting="retention_in_days", source=DOCS),
)
