"""The Pinterest API version our requests name: an upgrade is one line here."""

DOCS = "https://developers.pinterest.com/docs/api/v5/customer_lists-create"
API_VERSION = "v5"  # OpenAPI 5.23.0
SUNSET = None  # not announced
