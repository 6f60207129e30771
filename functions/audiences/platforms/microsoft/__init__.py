"""Microsoft Advertising customer match: hashed addresses, nothing else."""

from audiences.identity import Identifier
from audiences.identity import steps as s
from audiences.platforms.base import Platform
from audiences.platforms.microsoft.version import API_VERSION, DOCS, SUNSET

PLATFORM = Platform(
    slug="microsoft",
    title="Microsoft Advertising",
    docs=DOCS,
    api_version=API_VERSION,
    sunset=SUNSET,
    identifiers={
        # CRM and Phone are sub types of the API (PyPI msads 13.0.30.1) and "not currently supported":
        # https://learn.microsoft.com/en-us/advertising/campaign-management-service/customerlistitemsubtype
        "email": Identifier(steps=(s.trim, s.lower, s.email_shape()), source=DOCS),
    },
)
