"""The Marketing Cloud version our requests name: an upgrade is one line here."""

DOCS = "https://developer.salesforce.com/docs/marketing/marketing-cloud/guide/data-extension-api-async.html"
API_VERSION = "v1"
SUNSET = None  # not announced
