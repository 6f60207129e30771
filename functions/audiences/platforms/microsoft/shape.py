"""Items of a customer list: hashed addresses, 1,000 a call."""

from audiences.platforms.microsoft.version import LIMITS
from audiences.preparation.refresh import Memory
from audiences.preparation.shape import Shape

SHAPE = Shape(
    kind="lines",
    names={"email": "Email"},
    max_rows=1_000,
    max_bytes=1 << 20,
    minimum=300,
    source=LIMITS,
    one_identifier=True,
    memory=Memory(days=0, setting="membership_days", source=LIMITS),
)
