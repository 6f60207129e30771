"""The Data Manager API version our requests name: an upgrade is one line here."""

DOCS = "https://developers.google.com/data-manager/api/devguides/audiences"
API_VERSION = "v1"
SUNSET = None  # not announced
