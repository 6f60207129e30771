"""The Microsoft Advertising API version our requests name: an upgrade is one line here."""

DOCS = "https://learn.microsoft.com/en-us/advertising/bulk-service/customer-list-item"
API_VERSION = "v13"
SUNSET = None  # not announced
