"""Braze: the customer's own users, addressed by external id, so values go plain."""

from audiences.platforms.base import Platform
from audiences.platforms.braze.version import API_VERSION, DOCS, SUNSET
from audiences.platforms.own_system import plain_identifiers

PLATFORM = Platform(
    slug="braze",
    title="Braze",
    docs=DOCS,
    api_version=API_VERSION,
    sunset=SUNSET,
    identifiers=plain_identifiers(DOCS, without=("city", "state", "zip")),
)
