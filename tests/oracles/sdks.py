"""The official clients that our requests are compared with, and every difference that is allowed, with its reason.

`tests/oracles/test_requests.py` fails for a difference that is not here and for one here that is not found;
docs/reference/oracles.md shows this list.
"""

from dataclasses import dataclass
from importlib import import_module

from local.stand_in_access import ACCOUNT
from tests.oracles.canonical import ABSENT, ANY, Allowed, Pair
from tests.oracles.install import HERE
from tests.oracles.recording import RUNS


@dataclass(frozen=True, kw_only=True)
class Sdk:
    """One official client.

    client    its package, and the ending of requirements-…txt and clients/send_….py
    slug      our platform
    fields    what people are known by
    runs      of recording.RUNS; without "whole" where our client cannot replace a list
    requests  names of the requests compared: no fewer, no more
    pairs     requests whose parts are elsewhere on one side
    """

    client: str
    slug: str
    fields: tuple[str, ...] = ("email",)
    runs: tuple[str, ...] = RUNS
    requests: tuple[str, ...]
    pairs: tuple[Pair, ...] = ()
    allowed: tuple[Allowed, ...] = ()
    same_members: bool = True

    @property
    def version(self):
        lines = (HERE / f"requirements-{self.client}.txt").read_text(encoding="utf-8").splitlines()
        return next(line.partition("==")[2] for line in lines if line.startswith(f"{self.client}=="))

    @property
    def api_version(self):
        return import_module(f"audiences.platforms.{self.slug}.version").API_VERSION


def _only_sdk(why, *parts):
    """Allow parts that only the SDK sends: (request, part, its value)."""
    return Allowed(why, tuple((request, part, value, ABSENT) for request, part, value in parts))


_ACCEPT = Allowed(
    "The SDK asks for any kind of answer, we for JSON: all that is ever answered.",
    (("*", "header.accept", "*/*", "application/json"),),
)
_FORM = "application/x-www-form-urlencoded"
_META = "/v26.0"
_LIST = f"{_META}/act_{ACCOUNT}/customaudiences"
META = Sdk(
    client="facebook-business",
    slug="meta",
    fields=("email", "phone"),
    requests=(
        f"GET {_LIST}",
        f"POST {_LIST}",
        f"POST {_META}/{{id 1}}/users",
        f"DELETE {_META}/{{id 1}}/users",
        f"POST {_META}/{{id 1}}/usersreplace",
        f"GET {_META}/{{id 1}}",
    ),
    pairs=(
        Pair(
            "To remove people the SDK puts their digests into the address, where proxies log them; "
            "we put them into the body.",
            f"DELETE {_META}/{{id 1}}/users",
            f"DELETE {_META}/{{id 1}}/users",
            (("query.payload.", "body.payload."), ("query.session.", "body.session.")),
        ),
    ),
    allowed=(
        _ACCEPT,
        Allowed(
            "The SDK puts the access token into the address, where proxies log it; we put it into a header.",
            (
                ("*", "query.access_token", "(secret)", ABSENT),
                ("*", "header.authorization", ABSENT, "Bearer (secret)"),
            ),
        ),
        Allowed(
            "The SDK sends forms with JSON inside, we send JSON: the Graph API reads both.",
            (
                ("POST *", "header.content-type", _FORM, "application/json"),
                ("DELETE *", "header.content-type", ABSENT, "application/json"),
            ),
        ),
        Allowed(
            "The caller chooses the session's number; ours follows from the delivery, so a repeat is the same.",
            (("* */users*", "body.session.session_id", ANY, ANY),),
        ),
        _only_sdk(
            "The SDK's own switch for a list of keys; Meta's page shows such a schema without it.",
            ("* */users*", "body.payload.is_raw", True),
        ),
        _only_sdk(
            "The SDK also asks how many audiences there are.", (f"GET {_LIST}", "query.summary", "true")
        ),
    ),
)

_LISTS = f"/v1/accountTypes/GOOGLE_ADS/accounts/{ACCOUNT}/userLists"
_GOOGLE = (
    f"GET {_LISTS}",
    f"POST {_LISTS}",
    "POST /v1/audienceMembers:ingest",
    "GET /v1/requestStatus:retrieve",
    "POST /v1/audienceMembers:remove",
    "POST /v1/audienceMembers:removeAll",
    f"GET {_LISTS}/{{id 1}}",
)
_MOMENT = Allowed(
    "Everybody sent before the upload began is removed: each run has its own moment.",
    (("POST *:removeAll", "body.removeAsOfTime", ANY, ANY),),
)
_MEMBERS = "POST /v1/audienceMembers:*"
GOOGLE_NUMBERS = Sdk(
    client="google-ads-datamanager",
    slug="google",
    fields=("email", "phone"),
    requests=_GOOGLE,
    allowed=(
        _ACCEPT,
        _MOMENT,
        Allowed(
            "The SDK writes enumerations as numbers and asks for numbers back; we write their names, which the "
            "API reads as well.",
            (
                ("*", "query.$alt", "json;enum-encoding=int", ABSENT),
                (_MEMBERS, "body.destinations.0.operatingAccount.accountType", 1, "GOOGLE_ADS"),
                (_MEMBERS, "body.encoding", 1, "HEX"),
                (_MEMBERS, "body.audienceMembers.*.consent.adUserData", 1, "CONSENT_GRANTED"),
                (_MEMBERS, "body.audienceMembers.*.consent.adPersonalization", 1, "CONSENT_GRANTED"),
                (_MEMBERS, "body.termsOfService.customerMatchTermsOfServiceStatus", 1, "ACCEPTED"),
                (f"POST {_LISTS}", "body.ingestedUserListInfo.uploadKeyTypes.0", 1, "CONTACT_ID"),
                (
                    f"POST {_LISTS}",
                    "body.ingestedUserListInfo.contactIdInfo.dataSourceType",
                    1,
                    "DATA_SOURCE_TYPE_FIRST_PARTY",
                ),
            ),
        ),
        _only_sdk(
            "The SDK names itself, and repeats parts of the address for Google's routing.",
            ("*", "header.x-goog-api-client", ANY),
            (f"* {_LISTS}*", "header.x-goog-request-params", ANY),
        ),
        _only_sdk(
            "The SDK names a content type where there is no content.",
            ("GET *", "header.content-type", "application/json"),
        ),
    ),
)
GOOGLE_NAMES = Sdk(
    client="google-api-python-client",
    slug="google",
    fields=("email", "phone"),
    requests=_GOOGLE,
    allowed=(
        _MOMENT,
        _only_sdk("The SDK names itself.", ("*", "header.x-goog-api-client", ANY)),
        _only_sdk("The SDK asks for JSON in the address too.", ("*", "query.alt", "json")),
    ),
)

_TIKTOK = "/open_api/v1.3/dmp/custom_audience"
TIKTOK = Sdk(
    client="tiktok-business-api-sdk-official",
    slug="tiktok",
    requests=(
        f"GET {_TIKTOK}/list",
        f"POST {_TIKTOK}/file/upload",
        f"POST {_TIKTOK}/create",
        f"GET {_TIKTOK}/get",
        f"POST {_TIKTOK}/update",
    ),
    allowed=(
        _only_sdk(
            "The SDK names itself.",
            ("*", "header.business-sdk", "1"),
            ("*", "header.sdk-language", "Py"),
            ("*", "header.sdk-version", ANY),
        ),
        _only_sdk(
            "The SDK names a content type where there is no content.",
            ("GET *", "header.content-type", "application/json"),
        ),
        Allowed(
            "The caller chooses the file's name; ours follows from the delivery.",
            (
                ("*/upload", "body.file_name", "people.csv", ANY),
                ("*/upload", "body.file.filename", "people.csv", ANY),
            ),
        ),
        _only_sdk(
            "The SDK always adds its own default, that the audience is not to be widened; we leave it out.",
            ("*/create", "body.audience_enhancement", False),
        ),
    ),
)

_PINTEREST = f"/v5/ad_accounts/{ACCOUNT}/customer_lists"
_PINTEREST_REQUESTS = (
    f"GET {_PINTEREST}",
    f"POST {_PINTEREST}",
    f"GET {_PINTEREST}/{{id 1}}",
    f"PATCH {_PINTEREST}/{{id 1}}",
)
_PINTEREST_APP = _only_sdk("The SDK names itself.", ("*", "header.x-pinterest-app-type-detailed", "12"))
PINTEREST_GENERATED = Sdk(
    client="pinterest-generated-client",
    slug="pinterest",
    runs=RUNS[:2],
    requests=_PINTEREST_REQUESTS,
    allowed=(_PINTEREST_APP,),
)
PINTEREST_MODELS = Sdk(
    client="pinterest-api-sdk",
    slug="pinterest",
    runs=RUNS[:2],
    requests=_PINTEREST_REQUESTS,
    allowed=(
        _PINTEREST_APP,
        _only_sdk(
            "The SDK repeats the account of the address in the body; Pinterest's generated client does not.",
            (f"POST {_PINTEREST}", "body.ad_account_id", ACCOUNT),
        ),
    ),
)

_MICROSOFT = "POST /CampaignManagement/v13"
MICROSOFT = Sdk(
    client="msads",
    slug="microsoft",
    requests=(
        f"{_MICROSOFT}/Audiences/QueryByIds",
        f"{_MICROSOFT}/Audiences",
        f"{_MICROSOFT}/CustomerListUserData/Apply",
    ),
    allowed=(
        _only_sdk(
            "The SDK tells the day of the API's description it was made of.",
            ("*", "header.api-revision", ANY),
        ),
    ),
)

_LINKEDIN = "/rest/dmpSegments"
LINKEDIN = Sdk(
    client="linkedin-api-client",
    slug="linkedin",
    runs=RUNS[:2],
    requests=(
        f"GET {_LINKEDIN}",
        f"POST {_LINKEDIN}",
        f"POST {_LINKEDIN}/{{id 1}}/users",
        f"GET {_LINKEDIN}/{{id 1}}",
    ),
    allowed=(
        Allowed(
            "We ask for JSON, the SDK does not say: JSON is all that is answered.",
            (("*", "header.accept", ABSENT, "application/json"),),
        ),
        _only_sdk(
            "The SDK names every Rest.li method; we name the one that cannot be told from verb and address, "
            "BATCH_CREATE.",
            (f"GET {_LINKEDIN}", "header.x-restli-method", "FINDER"),
            (f"POST {_LINKEDIN}", "header.x-restli-method", "CREATE"),
            (f"GET {_LINKEDIN}/{{id 1}}", "header.x-restli-method", "GET"),
        ),
        _only_sdk(
            "The SDK names a content type where there is no content.",
            ("GET *", "header.content-type", "application/json"),
        ),
    ),
)

KLAVIYO = Sdk(
    client="klaviyo-api",
    slug="klaviyo",
    runs=RUNS[:2],
    requests=(
        "GET /api/lists",
        "POST /api/lists",
        "POST /api/profile-bulk-import-jobs",
        "GET /api/profile-bulk-import-jobs/{id 2}",
        "GET /api/profiles",
        "DELETE /api/lists/L{id 1}/relationships/profiles",
        "GET /api/lists/L{id 1}",
    ),
    allowed=(
        Allowed(
            "Each side names the revision it was written for; Klaviyo answers a revision for two years.",
            (("*", "header.revision", "2026-10-15", "2026-07-15"),),
        ),
    ),
)

_CRM = f"/v3/crmdata/segment/{ACCOUNT}"
_ASK, _INGEST, _MAP = f"POST {_CRM}/{{id 1}}", "POST /data/advertiser", "POST /v3/identity/map"
TRADE_DESK = Sdk(
    client="ttd-data",
    slug="the_trade_desk",
    runs=RUNS[:2],
    same_members=False,  # ids of UID2 there, digests here
    requests=(f"{_INGEST} = {_ASK}", f"{_MAP} = PUT /drop/*"),
    pairs=(
        Pair(
            "The SDK has the real-time data API only, we use the CRM data API: compared are credentials and "
            "content type.",
            _INGEST,
            _ASK,
        ),
        Pair(
            "The SDK sends digests, in any order, to a UID2 operator and the ids it gets to The Trade Desk; we "
            "drop the same digests, and The Trade Desk has them mapped.",
            _MAP,
            "PUT /drop/*",
            (("body.email_hash.", "body.lines."),),
            "body.lines.",
        ),
    ),
    allowed=(
        Allowed(
            "What the two APIs ask for has no name in common.",
            (
                (f"{_INGEST} = {_ASK}", "body.AdvertiserId", ACCOUNT, ABSENT),
                (f"{_INGEST} = {_ASK}", "body.Items.*", ANY, ABSENT),
                (f"{_INGEST} = {_ASK}", "body.DataOrigins.*", ANY, ABSENT),
                (f"{_INGEST} = {_ASK}", "body.PiiType", ABSENT, "EmailHashedUnifiedId2"),
                (f"{_INGEST} = {_ASK}", "body.MergeMode", ABSENT, ANY),
            ),
        ),
        Allowed(
            "The SDK's digests travel as JSON in an envelope sealed for the operator, with its key; ours as lines of "
            "text to an address that is the credential itself.",
            (
                (f"{_MAP} = PUT /drop/*", "header.content-type", "application/json", "text/plain"),
                (f"{_MAP} = PUT /drop/*", "header.authorization", "Bearer local-uid2-key", ABSENT),
                (f"{_MAP} = PUT /drop/*", "query.X-Amz-*", ABSENT, ANY),
                (f"{_MAP} = PUT /drop/*", "body.phone_hash", [], ABSENT),
            ),
        ),
        Allowed(
            "Our requests to find and make a segment, and to see how a drop went, have no counterpart in the SDK.",
            (
                (f"GET {_CRM}", "request", ABSENT, "sent"),
                ("POST /v3/crmdata/segment", "request", ABSENT, "sent"),
                (f"GET {_CRM}/{{id 1}}/drop/*", "request", ABSENT, "sent"),
            ),
        ),
    ),
)

SDKS = (META, GOOGLE_NUMBERS, GOOGLE_NAMES, TIKTOK, PINTEREST_GENERATED, PINTEREST_MODELS, MICROSOFT, LINKEDIN,
    KLAVIYO, TRADE_DESK)  # fmt: skip
