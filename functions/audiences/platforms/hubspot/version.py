"""The HubSpot CRM lists version our requests name: an upgrade is one line here."""

DOCS = "https://developers.hubspot.com/docs/api-reference/crm-lists-v3/guide"
API_VERSION = "2026-09"
SUNSET = None  # not announced
