"""The Reddit Ads API version our requests name: an upgrade is one line here."""

DOCS = "https://ads-api.reddit.com/docs/v3/"
API_VERSION = "v3"
SUNSET = None  # not announced
