"""Klaviyo lists: profiles are the advertiser's own customers, so values go plain."""

from audiences.platforms.base import Platform
from audiences.platforms.klaviyo.version import API_VERSION, DOCS, SUNSET
from audiences.platforms.own_system import plain_identifiers

PLATFORM = Platform(
    slug="klaviyo",
    title="Klaviyo",
    docs=DOCS,
    api_version=API_VERSION,
    sunset=SUNSET,
    identifiers=plain_identifiers(DOCS),
)
