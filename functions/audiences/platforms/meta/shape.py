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
        "limited_data_use": "DATA_PROCESSING_OPTIONS",
        "limited_data_use_country": "DATA_PROCESSING_OPTIONS_COUNTRY",
        "limited_data_use_state": "DATA_PROCESSING_OPTIONS_STATE",
    },
    max_rows=10_000,
    max_bytes=16 << 20,  # 10,000 rows of 14 digests are 9.4 MB; Meta states rows only
    minimum=100,
    source=DOCS,
    signals=("limited_data_use", "limited_data_use_country", "limited_data_use_state"),
    privacy={
        "limited_data_use": {"everyone": "LDU"},
        "limited_data_use_country": {"0": "0", "1": "1"},
        "limited_data_use_state": {"0": "0", "1000": "1000"},
        "customer_consent": {"yes": "yes"},
    },
    typed={
        "limited_data_use": lambda text: [text] if text else [],
        "limited_data_use_country": lambda text: int(text or 0),
        "limited_data_use_state": lambda text: int(text or 0),
    },
)
