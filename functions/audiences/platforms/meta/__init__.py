"""Meta Custom Audiences: everything is hashed except ad ids; all identifiers of a person go in one row."""

from audiences.identity import Identifier
from audiences.identity import steps as s
from audiences.identity.identifier import MOBILE_IDS
from audiences.platforms.base import Platform
from audiences.platforms.meta.version import API_VERSION, DOCS, LIMITED_USE, SUNSET

_PAGE = "https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters"
_BUILDER = "npm capi-param-builder-nodejs 1.3.2"
_SDK = "PyPI facebook-business 26.0.3, adobjects.serverside.normalize"
_NAME = (s.strip_punct, s.strip_whitespace, s.lower)

PLATFORM = Platform(
    slug="meta",
    title="Meta Custom Audiences",
    docs=DOCS,
    api_version=API_VERSION,
    sunset=SUNSET,
    identifiers={
        "email": Identifier(steps=(s.trim_also("."), s.lower, s.email_shape(bare_word=True)), source=_PAGE),
        "phone": Identifier(steps=(s.e164("digits"),), source=_PAGE),
        "first_name": Identifier(steps=_NAME, source=_PAGE),
        "last_name": Identifier(steps=_NAME, source=_PAGE),
        "first_initial": Identifier(
            steps=(*_NAME, s.initial), source=_SDK, reads=("first_initial", "first_name")
        ),
        "city": Identifier(steps=(s.keep("a-zA-Z0-9"), s.lower, s.letter_first), source=_BUILDER),
        "state": Identifier(steps=(s.state_abbrev(),), source=_PAGE),
        "zip": Identifier(steps=(s.zip_us5(),), source=_PAGE),
        "country": Identifier(steps=(s.iso2("lower"),), source=_PAGE),
        "gender": Identifier(steps=(s.gender,), source=_PAGE),
        "dob_year": Identifier(steps=(s.dob_year,), source=_SDK, reads=("dob_year", "date_of_birth")),
        "dob_month": Identifier(steps=(s.dob_month,), source=_SDK, reads=("dob_month", "date_of_birth")),
        "dob_day": Identifier(steps=(s.dob_day,), source=_SDK, reads=("dob_day", "date_of_birth")),
        "maid": Identifier(steps=(s.trim, s.lower, s.maid), digest="none", source=DOCS, reads=MOBILE_IDS),
        # Of everybody Meta finds out itself where they are (0), unless the file says it: 1 the US, 1000 California,
        # the only state in which limited use holds for customer lists.
        "limited_data_use": Identifier(steps=(s.trim, s.limited_use), digest="none", source=DOCS),
        "limited_data_use_country": Identifier(
            steps=(s.trim, s.matches("[01]")), digest="none", source=LIMITED_USE
        ),
        "limited_data_use_state": Identifier(
            steps=(s.trim, s.matches("0|1000")), digest="none", source=LIMITED_USE
        ),
        "external_id": Identifier(steps=(s.strip_whitespace, s.lower), source=_BUILDER),
        # Conversions API only: the audience schema has three parts of a birthday and no cut names.
        "date_of_birth": Identifier(steps=(s.date_digits,), source=_PAGE, upload=False),
        "first_name_first5": Identifier(steps=(s.trim, s.lower, s.first(5)), source=_SDK, upload=False),
        "last_name_first5": Identifier(steps=(s.trim, s.lower, s.first(5)), source=_SDK, upload=False),
    },
)
