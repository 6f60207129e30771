"""Microsoft Advertising customer match: a hashed address or the advertiser's own customer id."""

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
        "email": Identifier(steps=(s.trim, s.lower, s.email_shape()), source=DOCS),
        # The sub type exists (PyPI msads 13.0.30.1), no public page states how the number is written.
        "phone": Identifier(steps=(s.e164("plus"),), source=DOCS, confidence="low"),
        "external_id": Identifier(steps=(s.trim,), digest="none", source=DOCS),
    },
)
