"""The The Trade Desk API version our requests name: an upgrade is one line here."""

DOCS = "https://partner.thetradedesk.com/v3/portal/data/doc/DataIntegrateOverview"
API_VERSION = "v3"
SUNSET = None  # not announced
