"""The Graph API version our requests name: an upgrade is one line here."""

# Limited Data Use in a customer list: of the other states and products that page tells, too.
LIMITED_USE = "https://developers.facebook.com/docs/marketing-apis/data-processing-options"
DOCS = "https://developers.facebook.com/docs/marketing-api/audiences/guides/custom-audiences"
API_VERSION = "v26.0"  # as sent by PyPI facebook-business 26.0.3
SUNSET = None  # not announced
