"""The Criteo API version our requests name: an upgrade is one line here."""

DOCS = "https://developers.criteo.com/marketing-solutions/docs/contact-list-audiences"
API_VERSION = "2026-07"
SUNSET = None  # not announced
