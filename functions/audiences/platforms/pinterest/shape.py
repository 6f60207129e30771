"""Records of a customer list: one kind of id a request, joined by commas when sent."""

from audiences.preparation.shape import Shape

SHAPE = Shape(
    kind="lines",
    names={"email": "EMAIL", "maid": "MAID"},
    max_rows=50_000,
    max_bytes=5 << 20,
    minimum=100,
    source="https://developers.pinterest.com/docs/api/v5/customer_lists-create",
    confidence="low",  # the specification states no number of records
    one_identifier=True,
)
