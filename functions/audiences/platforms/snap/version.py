"""The Snap Marketing API version our requests name: an upgrade is one line here."""

DOCS = "https://developers.snap.com/api/marketing-api/Ads-API/customer-lists"
API_VERSION = "v1"
SUNSET = None  # not announced
