"""Criteo contact lists: one kind of identifier per call, hashed so that no address leaves."""

from audiences.identity import Identifier
from audiences.identity import steps as s
from audiences.identity.identifier import MOBILE_IDS
from audiences.platforms.base import Platform
from audiences.platforms.criteo.version import API_VERSION, DOCS, SUNSET

PLATFORM = Platform(
    slug="criteo",
    title="Criteo",
    docs=DOCS,
    api_version=API_VERSION,
    sunset=SUNSET,
    identifiers={
        "email": Identifier(steps=(s.trim, s.lower, s.email_shape()), source=DOCS, confidence="low"),
        "maid": Identifier(steps=(s.trim, s.maid), digest="none", source=DOCS, reads=MOBILE_IDS),
    },
)
