"""The Graph API version our requests name: an upgrade is one line here."""

DOCS = "https://developers.facebook.com/docs/marketing-api/audiences/guides/custom-audiences"
API_VERSION = "v26.0"  # as sent by PyPI facebook-business 26.0.3
SUNSET = None  # not announced
