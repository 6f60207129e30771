"""Users of a track request: objects, 75 a call."""

from audiences.preparation.shape import Shape

SHAPE = Shape(
    kind="objects",
    names={
        "external_id": "external_id",
        "email": "email",
        "phone": "phone",
        "first_name": "first_name",
        "last_name": "last_name",
        "country": "country",
    },
    max_rows=75,
    max_bytes=2_000_000,
    minimum=1,
    source="https://www.braze.com/docs/api/api_limits",
    keys=("external_id", "email", "phone"),
)
