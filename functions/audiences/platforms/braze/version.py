"""The Braze REST API version our requests name: an upgrade is one line here."""

DOCS = "https://www.braze.com/docs/api/api_limits"
API_VERSION = "v1"  # the API has no version in its addresses
SUNSET = None  # not announced
