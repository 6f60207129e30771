"""The TikTok Business API version our requests name: an upgrade is one line here."""

DOCS = "https://business-api.tiktok.com/portal/docs"
API_VERSION = "v1.3"
SUNSET = None  # not announced
