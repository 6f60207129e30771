"""The Salesforce API version our requests name: an upgrade is one line here."""

DOCS = "https://docs.aws.amazon.com/appflow/latest/userguide/salesforce.html"
API_VERSION = "v58.0"  # the version Amazon AppFlow speaks
SUNSET = None  # not announced
