"""Rows of the real-time audience call: a matrix under a schema."""

from audiences.platforms.yahoo.version import DOCS
from audiences.preparation.shape import Consent, Shape

SHAPE = Shape(
    kind="matrix",
    names={"email": "SHA256EMAIL", "phone": "HASHEDID", "maid": "MAID"},
    max_rows=1_000,
    max_bytes=1 << 20,
    minimum=1,
    source=DOCS,
    confidence="low",  # read from partners' code
    consent=Consent(required_in=("EEA", "UK"), source=DOCS),
)
