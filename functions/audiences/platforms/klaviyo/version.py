"""The Klaviyo API version our requests name: an upgrade is one line here."""

from datetime import date

DOCS = "https://developers.klaviyo.com/en/reference/api_overview"
API_VERSION = "2026-07-15"  # a revision lives two years
# https://developers.klaviyo.com/en/docs/api_versioning_and_deprecation_policy
SUNSET = date(2028, 7, 15)
