"""A file of records: header and rows, values plain, for the customer's own system."""

from audiences.platforms.own_system import COLUMNS
from audiences.platforms.salesforce.version import DOCS
from audiences.preparation.shape import Shape

SHAPE = Shape(
    kind="csv",
    names=COLUMNS,
    max_rows=100_000,
    max_bytes=100 << 20,
    minimum=1,
    source=DOCS,
    keys=("email", "phone", "external_id"),
)
