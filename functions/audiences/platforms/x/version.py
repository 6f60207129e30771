"""The X Ads API version our requests name: an upgrade is one line here."""

DOCS = "https://docs.x.com/x-ads-api/audiences"
API_VERSION = "12"
SUNSET = None  # not announced
