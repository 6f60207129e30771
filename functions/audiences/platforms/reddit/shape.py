"""Users of a custom audience: a matrix under a column order, 2,500 rows a call."""

from audiences.platforms.reddit.version import DOCS
from audiences.preparation.shape import Shape

SHAPE = Shape(
    kind="matrix",
    names={"email": "EMAIL_SHA256", "maid": "MAID_SHA256"},
    max_rows=2_500,
    max_bytes=1 << 20,
    minimum=1_000,
    source=DOCS,
)
