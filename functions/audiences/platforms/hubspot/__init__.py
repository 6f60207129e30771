"""HubSpot lists: contacts are found by their plain address, then put on the list by record id."""

from audiences.platforms.base import Platform
from audiences.platforms.hubspot.version import API_VERSION, DOCS, SUNSET
from audiences.platforms.own_system import plain_identifiers

PLATFORM = Platform(
    slug="hubspot",
    title="HubSpot lists",
    docs=DOCS,
    api_version=API_VERSION,
    sunset=SUNSET,
    identifiers=plain_identifiers(DOCS),
)
