"""Rows of a Custom Audience: a matrix under a schema, 10,000 at a time."""

from audiences.platforms.meta.version import DOCS
from audiences.preparation.shape import Shape

SHAPE = Shape(
    kind="matrix",
    names={
        "email": "EMAIL",
        "phone": "PHONE",
        "maid": "MADID",
        "external_id": "EXTERN_ID",
        "first_name": "FN",
        "last_name": "LN",
        "city": "CT",
        "state": "ST",
        "zip": "ZIP",
        "country": "COUNTRY",
        "gender": "GEN",
        "dob_year": "DOBY",
        "dob_month": "DOBM",
        "dob_day": "DOBD",
    },
    max_rows=10_000,
    max_bytes=16 << 20,  # 10,000 rows of 14 digests are 9.4 MB; Meta states rows only
    minimum=100,
    source=DOCS,
)
