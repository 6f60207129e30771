"""The Microsoft Advertising API version our requests name: an upgrade is one line here."""

DOCS = "https://learn.microsoft.com/en-us/advertising/campaign-management-service/customerlistuserdata"
LIMITS = "https://learn.microsoft.com/en-us/advertising/campaign-management-service/applycustomerlistuserdata"
API_VERSION = "v13"
SUNSET = None  # not announced
