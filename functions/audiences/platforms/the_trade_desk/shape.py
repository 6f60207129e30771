"""A CRM data drop: one id a line, and one kind of id a drop."""

from audiences.platforms.the_trade_desk.version import DOCS
from audiences.preparation.refresh import Memory
from audiences.preparation.shape import Shape

SHAPE = Shape(
    kind="lines",
    names={"email": "EmailHashedUnifiedId2", "phone": "PhoneHashedUnifiedId2"},
    max_rows=1_000_000,
    max_bytes=64 << 20,
    minimum=1_500,
    source=DOCS,
    confidence="low",  # rows of a drop are not limited on a public page
    one_identifier=True,
    memory=Memory(days=180, source=DOCS),
)
