"""The Amazon Marketing Cloud audiences version our requests name: an upgrade is one line here."""

DOCS = (
    "https://advertising.amazon.com/API/docs/en-us/guides/amazon-marketing-cloud/audiences/"
    "audience-management-service"
)
CONSENT = "https://advertising.amazon.com/API/docs/en-us/guides/amazon-marketing-cloud/amc_consent_management"
API_VERSION = "v1"  # media type application/vnd.amcaudiences.v1+json
SUNSET = None  # not announced
