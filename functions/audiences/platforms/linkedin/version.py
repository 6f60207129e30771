"""The LinkedIn Marketing API version our requests name: an upgrade is one line here."""

from datetime import date

DOCS = (
    "https://learn.microsoft.com/en-us/linkedin/marketing/matched-audiences/create-and-manage-segment-users"
)
API_VERSION = "202603"  # each version lives twelve months
# https://learn.microsoft.com/en-us/linkedin/marketing/integrations/migrations
SUNSET = date(2027, 3, 16)
