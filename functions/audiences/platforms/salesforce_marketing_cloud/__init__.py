"""Salesforce Marketing Cloud data extensions: the customer's own subscribers, so values go plain."""

from audiences.platforms.base import Platform
from audiences.platforms.own_system import plain_identifiers
from audiences.platforms.salesforce_marketing_cloud.version import API_VERSION, DOCS, SUNSET

PLATFORM = Platform(
    slug="salesforce_marketing_cloud",
    title="Salesforce Marketing Cloud",
    docs=DOCS,
    api_version=API_VERSION,
    sunset=SUNSET,
    identifiers=plain_identifiers(DOCS),
)
