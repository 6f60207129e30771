"""Items of a customer list: one kind of id, 1,000 a call."""

from audiences.platforms.microsoft.version import DOCS
from audiences.preparation.shape import Shape

SHAPE = Shape(
    kind="lines",
    names={"email": "Email", "phone": "Phone", "external_id": "CRM"},
    max_rows=1_000,
    max_bytes=1 << 20,
    minimum=300,
    source=DOCS,
    confidence="low",  # partners send 1,000 items; the page states no number
    one_identifier=True,
)
