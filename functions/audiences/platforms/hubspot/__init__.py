"""HubSpot lists: contacts are found by their plain address, then put on the list by record id."""

from audiences.identity import Identifier
from audiences.identity import steps as s
from audiences.platforms.base import Platform
from audiences.platforms.hubspot.version import API_VERSION, DOCS, SUNSET


def _plain(*steps: s.Step) -> Identifier:
    return Identifier(steps=steps, digest="none", source=DOCS)


PLATFORM = Platform(
    slug="hubspot",
    title="HubSpot lists",
    docs=DOCS,
    api_version=API_VERSION,
    sunset=SUNSET,
    identifiers={
        "email": _plain(s.trim, s.lower, s.email_shape()),
        "phone": _plain(s.e164("plus")),
        "first_name": _plain(s.trim),
        "last_name": _plain(s.trim),
        "city": _plain(s.trim),
        "state": _plain(s.trim),
        "zip": _plain(s.trim),
        "country": _plain(s.iso2("upper")),
        "external_id": _plain(s.trim),
    },
)
