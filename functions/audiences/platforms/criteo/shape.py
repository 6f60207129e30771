"""Identifiers of a contact list: one kind, 50,000 a call."""

from audiences.platforms.criteo.version import DOCS
from audiences.preparation.shape import Shape

SHAPE = Shape(
    kind="lines",
    names={"email": "email", "maid": "madid"},
    max_rows=50_000,
    max_bytes=5 << 20,
    minimum=1,
    source=DOCS,
    confidence="low",  # partners send 50,000
    one_identifier=True,
)
