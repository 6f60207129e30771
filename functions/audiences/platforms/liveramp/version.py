"""The LiveRamp file layout version our requests name: an upgrade is one line here."""

DOCS = "https://docs.liveramp.com/connect/en/formatting-identifiers.html"
API_VERSION = "1"  # ours: LiveRamp pins the columns of the first file, not an API
SUNSET = None  # not announced
