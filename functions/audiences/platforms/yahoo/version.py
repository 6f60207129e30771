"""The Yahoo DSP API version our requests name: an upgrade is one line here."""

DOCS = "https://developer.yahooinc.com/dsp/api/docs/"
API_VERSION = "v1"
SUNSET = None  # not announced
