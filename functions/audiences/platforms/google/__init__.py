"""Google Ads and Display & Video 360 by the Data Manager API: mailboxes are folded, addresses are whole."""

from audiences.identity import Identifier
from audiences.identity import steps as s
from audiences.identity.identifier import MOBILE_IDS
from audiences.platforms.base import Platform
from audiences.platforms.google.version import API_VERSION, DOCS, SUNSET

_FORMAT = "https://developers.google.com/data-manager/api/devguides/concepts/formatting"
_FORMATTER = "PyPI google-ads-datamanager-util 0.4.0, Formatter"
_USER_DATA = "https://developers.google.com/data-manager/api/reference/rest/v1/UserData"
_ADDRESS = ("first_name", "last_name", "country", "zip")  # "all of which are required": _USER_DATA
_GMAIL = s.gmail_fold(("gmail.com", "googlemail.com"), dots=True, plus=True)


def _with(field: str) -> tuple[str, ...]:
    return tuple(other for other in _ADDRESS if other != field)


PLATFORM = Platform(
    slug="google",
    title="Google Data Manager",
    docs=DOCS,
    api_version=API_VERSION,
    sunset=SUNSET,
    identifiers={
        "email": Identifier(steps=(s.trim, s.lower, s.email_shape(), _GMAIL), source=_FORMAT),
        "phone": Identifier(steps=(s.e164("plus"),), source=_FORMAT),
        "first_name": Identifier(steps=(s.trim, s.lower), source=_FORMAT, required_with=_with("first_name")),
        "last_name": Identifier(steps=(s.trim, s.lower), source=_FORMAT, required_with=_with("last_name")),
        "country": Identifier(
            steps=(s.iso2("upper"),), digest="none", source=_FORMAT, required_with=_with("country")
        ),
        "zip": Identifier(steps=(s.trim,), digest="none", source=_FORMAT, required_with=_with("zip")),
        "maid": Identifier(steps=(s.trim, s.maid), digest="none", source=_USER_DATA, reads=MOBILE_IDS),
        "external_id": Identifier(steps=(s.trim,), digest="none", source=_USER_DATA),
        # The formatter writes these, AddressInfo of the audience API has no place for them.
        "city": Identifier(
            steps=(s.trim, s.lower, s.strip_symbols), digest="none", source=_FORMATTER, upload=False
        ),
        "state": Identifier(
            steps=(s.trim, s.lower, s.strip_symbols), digest="none", source=_FORMATTER, upload=False
        ),
    },
)
