"""Salesforce contacts through Amazon AppFlow: the customer's own CRM, so values go plain."""

from audiences.platforms.base import Platform
from audiences.platforms.own_system import plain_identifiers
from audiences.platforms.salesforce.version import API_VERSION, DOCS, SUNSET

PLATFORM = Platform(
    slug="salesforce",
    title="Salesforce CRM",
    docs=DOCS,
    api_version=API_VERSION,
    sunset=SUNSET,
    identifiers=plain_identifiers(DOCS),
)
