"""A file: header and rows, the whole audience each time, columns in an order that never changes."""

from audiences.platforms.liveramp.version import DOCS
from audiences.preparation.shape import Shape

SHAPE = Shape(
    kind="csv",
    names={
        "external_id": "audience_key",
        "email": "email",
        "phone": "phone",
        "maid": "maid",
        "first_name": "first_name",
        "last_name": "last_name",
        "city": "city",
        "state": "state",
        "zip": "zip",
        "country": "country",
    },
    max_rows=100_000_000,
    max_bytes=1 << 40,
    minimum=25,
    source=DOCS,
    confidence="low",  # the minimum is a partner's
    whole=True,
)
