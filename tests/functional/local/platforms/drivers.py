"""How each platform is spoken to, so that one set of tests asks all of them the same questions."""

import base64
import functools
import hashlib
import json
from urllib.parse import urlencode, urlsplit

from local.platforms.registry import STAND_INS
from local.platforms.wire import Request

KINDS = {kind.slug: kind for kind in STAND_INS}
NOTHING = hashlib.sha256(b"").hexdigest()


@functools.cache
def hashes(count, first=0):
    return [
        hashlib.sha256(f"person{number}@example.com".encode()).hexdigest()
        for number in range(first, first + count)
    ]


class Clock:
    now = 1_795_305_600.0  # 2026-11-22

    def __call__(self):
        return self.now


GRANTED = {"adUserData": "CONSENT_GRANTED", "adPersonalization": "CONSENT_GRANTED"}
TERMS = {"customerMatchTermsOfServiceStatus": "ACCEPTED"}


class Driver:
    """Subclasses say how to make an audience, and how to send `values` to it."""

    token_path = ""
    signs_basic = False  # the client's id and secret come as HTTP Basic, not in the form
    most_rows = 0
    is_hashed = True

    def __init__(self):
        self.clock = Clock()
        self.ad = KINDS[self.slug](self.clock)
        self.token = f"local-{self.slug}-access"
        self.audience = ""

    def call(self, method, target, body=b"", **headers):
        named = {name.replace("_", "-"): value for name, value in {**self.headers(), **headers}.items()}
        request = Request.make(method, target, headers=named, body=body)
        return self.ad.handle(request)

    def headers(self):
        return {"Authorization": f"Bearer {self.token}"}

    def refresh(self, **changes):
        form = {
            "grant_type": "refresh_token",
            "client_id": "local-client",
            "client_secret": "local-secret",
            "refresh_token": "local-refresh",
            **changes,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if self.signs_basic:
            client = f"{form.pop('client_id')}:{form.pop('client_secret')}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(client).decode()}"
        response = self.call("POST", self.token_path, urlencode(form), **headers)
        if response.status == 200:
            self.token = response.json()["access_token"]
        return response

    def is_ok(self, response):
        return response.status < 300

    def members(self):
        return self.ad.members(self.audience)

    def shown(self, values):
        return sorted(values)


class Meta(Driver):
    slug, most_rows = "meta", 10_000
    sent = 0

    def headers(self):
        return {"Authorization": f"Bearer {self.token}"}

    def create(self):
        body = {"name": "Action", "subtype": "CUSTOM", "customer_file_source": "USER_PROVIDED_ONLY"}
        response = self.call("POST", "/v26.0/act_1/customaudiences", body)
        self.audience = response.json().get("id", "")
        return response

    def users(self, method, path, values, **session):
        body = {"payload": {"schema": ["EMAIL"], "data": [[value] for value in values]}}
        return self.call(method, f"/v26.0/{self.audience}/{path}", {**body, **session})

    def add(self, values):
        return self.users("POST", "users", values)

    def remove(self, values):
        return self.users("DELETE", "users", values)


class Google(Driver):
    slug, token_path, most_rows = "google", "/token", 10_000
    lists = "/v1/accountTypes/GOOGLE_ADS/accounts/1234567890/userLists"

    def create(self, name="Action"):
        body = {
            "displayName": name,
            "membershipDuration": "46656000s",
            "ingestedUserListInfo": {"uploadKeyTypes": ["CONTACT_ID"]},
        }
        response = self.call("POST", self.lists, body)
        self.audience = response.json().get("id", "")
        return response

    def destination(self):
        account = {"accountType": "GOOGLE_ADS", "accountId": "1234567890"}
        return {"operatingAccount": account, "productDestinationId": self.audience}

    def body(self, values):
        members = [{"userData": {"userIdentifiers": [{"emailAddress": value}]}} for value in values]
        return {"destinations": [self.destination()], "audienceMembers": members, "encoding": "HEX"}

    def add(self, values, **more):
        body = {**self.body(values), "consent": GRANTED, "termsOfService": TERMS, **more}
        return self.call("POST", "/v1/audienceMembers:ingest", body)

    def remove(self, values):
        return self.call("POST", "/v1/audienceMembers:remove", self.body(values))

    def status(self, response):
        told = self.call("GET", f"/v1/requestStatus:retrieve?requestId={response.json()['requestId']}").json()
        return told["requestStatusPerDestination"][0]


class TikTok(Driver):
    slug = "tiktok"
    api = "/open_api/v1.3/dmp/custom_audience"

    def headers(self):
        return {"Access-Token": self.token}

    def is_ok(self, response):
        return response.status == 200 and response.json()["code"] == 0

    def upload(self, content, kind="EMAIL_SHA256", signature=None):
        fields = {
            "advertiser_id": "7",
            "calculate_type": kind,
            "file_name": "a.csv",
            "file_signature": signature or hashlib.md5(content).hexdigest(),
        }
        parts = [
            f'--edge\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()
        ]
        head = '--edge\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        body = "".join(parts).encode() + head.encode() + content + b"\r\n--edge--\r\n"
        kind = "multipart/form-data; boundary=edge"
        return self.call("POST", f"{self.api}/file/upload/", body, Content_Type=kind)

    def _file(self, values):
        return self.upload("\n".join(values).encode())

    def create(self):
        body = {"advertiser_id": "7", "custom_audience_name": "Action", "action": "create"}
        response = self.call("POST", "/open_api/v1.3/segment/audience/", body)
        self.audience = response.json()["data"].get("audience_id", "") if response.status == 200 else ""
        return response

    def change(self, action, values):
        uploaded = self._file(values)
        if not self.is_ok(uploaded):
            return uploaded
        body = {
            "advertiser_id": "7",
            "custom_audience_id": self.audience,
            "action": action,
            "file_paths": [uploaded.json()["data"]["file_path"]],
        }
        return self.call("POST", f"{self.api}/update/", body)

    def add(self, values):
        return self.change("APPEND", values)

    def remove(self, values):
        return self.change("REMOVE", values)

    def details(self):
        query = urlencode({"advertiser_id": "7", "custom_audience_ids": json.dumps([self.audience])})
        return self.call("GET", f"{self.api}/get/?{query}").json()["data"]["list"][0]["audience_details"]


class TheTradeDesk(Driver):
    slug = "the_trade_desk"

    def __init__(self):
        super().__init__()
        self.token = "local-the-trade-desk-access"

    def headers(self):
        return {"TTD-Auth": self.token}

    def create(self, region="US"):
        body = {"AdvertiserId": "adv", "SegmentName": "Action", "Region": region}
        response = self.call("POST", "/v3/crmdata/segment", body)
        self.audience = response.json().get("CrmDataId", "")
        return response

    def drop(self, mode, kind="EmailHashedUnifiedId2", **more):
        body = {"PiiType": kind, "MergeMode": mode, **more}
        return self.call("POST", f"/v3/crmdata/segment/adv/{self.audience}", body)

    def put(self, url, values, **headers):
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}"
        body = "\n".join(self.encode(value) for value in values)
        return self.ad.handle(
            Request.make("PUT", target, headers={"content-type": "text/plain", **headers}, body=body)
        )

    def encode(self, value):
        return base64.b64encode(bytes.fromhex(value)).decode() if len(value) == 64 else value

    def shown(self, values):
        return sorted(map(self.encode, values))

    def change(self, mode, values):
        asked = self.drop(mode)
        return self.put(asked.json()["Url"], values) if asked.status == 200 else asked

    def add(self, values):
        return self.change("Add", values)

    def remove(self, values):
        return self.change("Remove", values)


class Amazon(Driver):
    slug, token_path, most_rows = "amazon", "/auth/o2/token", 6_000
    kind = "application/vnd.amcaudiences.v1+json"

    def headers(self):
        ours = {"Amazon-Advertising-API-ClientId": "local-client", "Content-Type": self.kind}
        return {**super().headers(), **ours}

    def create(self):
        body = {
            "name": "Action",
            "targetResource": {"advertiserId": "7"},
            "metadata": {"externalAudienceId": "a"},
        }
        response = self.call("POST", "/amc/audiences/metadata", body)
        self.audience = str(response.json().get("audienceId", ""))
        return response

    def records(self, verb, values, **more):
        records = [
            {
                "externalUserId": value[:128].replace("@", "-").replace(".", "-") or "x",
                "action": verb,
                "countryCode": "US",
                "hashedPII": [{"email": value}],
                **more,
            }
            for value in values
        ]
        return self.call(
            "POST", "/amc/audiences/records", {"audienceId": int(self.audience), "records": records}
        )

    def add(self, values):
        return self.records("CREATE", values)

    def remove(self, values):
        return self.records("DELETE", values)


class Snap(Driver):
    slug, token_path, most_rows = "snap", "/login/oauth2/access_token", 100_000

    def create(self):
        row = {
            "name": "Action",
            "source_type": "FIRST_PARTY",
            "ad_account_id": "acc",
            "retention_in_days": 180,
        }
        response = self.call("POST", "/v1/adaccounts/acc/segments", {"segments": [row]})
        if response.status == 200:
            self.audience = response.json()["segments"][0]["segment"]["id"]
        return response

    def users(self, method, values, schema="EMAIL_SHA256"):
        body = {"users": [{"schema": [schema], "data": [[value] for value in values]}]}
        return self.call(method, f"/v1/segments/{self.audience}/users", body)

    def add(self, values):
        return self.users("POST", values)

    def remove(self, values):
        return self.users("DELETE", values)

    def read(self):
        return self.call("GET", f"/v1/segments/{self.audience}").json()["segments"][0]["segment"]


class Pinterest(Driver):
    slug, token_path, signs_basic = "pinterest", "/v5/oauth/token", True

    def create(self):
        body = {"name": "Action", "records": hashes(1, 900)[0], "list_type": "EMAIL"}
        response = self.call("POST", "/v5/ad_accounts/549/customer_lists", body)
        self.audience = response.json().get("id", "")
        if self.audience:
            self.ad.audience(self.audience).members.clear()
        return response

    def change(self, operation, values):
        body = {"operation_type": operation, "records": ",".join(values)}
        return self.call("PATCH", f"/v5/ad_accounts/549/customer_lists/{self.audience}", body)

    def add(self, values):
        return self.change("ADD", values)

    def remove(self, values):
        return self.change("REMOVE", values)

    def read(self):
        return self.call("GET", f"/v5/ad_accounts/549/customer_lists/{self.audience}").json()


class LinkedIn(Driver):
    slug, token_path, most_rows = "linkedin", "/oauth/v2/accessToken", 5_000

    def headers(self):
        ours = {"LinkedIn-Version": "202603", "X-Restli-Protocol-Version": "2.0.0"}
        return {**super().headers(), **ours}

    def create(self, source="a"):
        body = {
            "name": "Action",
            "account": "urn:li:sponsoredAccount:5",
            "type": "USER",
            "sourcePlatform": "OURS",
            "sourceSegmentId": source,
            "destinations": [{"destination": "LINKEDIN"}],
        }
        response = self.call("POST", "/rest/dmpSegments", body)
        self.audience = response.headers.get("x-restli-id", "")
        return response

    def users(self, action, values):
        elements = [
            {"action": action, "userIds": [{"idType": "SHA256_EMAIL", "idValue": value}]} for value in values
        ]
        path = f"/rest/dmpSegments/{self.audience}/users"
        return self.call("POST", path, {"elements": elements}, X_RestLi_Method="BATCH_CREATE")

    def add(self, values):
        return self.users("ADD", values)

    def remove(self, values):
        return self.users("REMOVE", values)


class Microsoft(Driver):
    slug, token_path, most_rows = "microsoft", "/common/oauth2/v2.0/token", 1_000
    api = "/CampaignManagement/v13"

    def headers(self):
        ours = {"DeveloperToken": "local-developer-token", "CustomerId": "1", "CustomerAccountId": "2"}
        return {**super().headers(), **ours}

    def create(self):
        row = {
            "Type": "CustomerList",
            "Name": "Action",
            "ParentId": "2",
            "Scope": "Account",
            "MembershipDuration": -1,
        }
        response = self.call("POST", f"{self.api}/Audiences", {"Audiences": [row]})
        if response.status == 200:
            self.audience = response.json()["AudienceIds"][0]
        return response

    def apply(self, action, values, kind="Email"):
        data = {
            "AudienceId": self.audience,
            "ActionType": action,
            "CustomerListItemSubType": kind,
            "CustomerListItems": list(values),
        }
        return self.call("POST", f"{self.api}/CustomerListUserData/Apply", {"CustomerListUserData": data})

    def add(self, values):
        return self.apply("Add", values)

    def remove(self, values):
        return self.apply("Remove", values)


class Klaviyo(Driver):
    slug, most_rows, is_hashed = "klaviyo", 10_000, False

    def __init__(self):
        super().__init__()
        self.token = "local-klaviyo-key"

    def headers(self):
        kind = "application/vnd.api+json"
        return {
            "Authorization": f"Klaviyo-API-Key {self.token}",
            "revision": "2026-07-15",
            "Content-Type": kind,
        }

    def create(self):
        response = self.call(
            "POST", "/api/lists", {"data": {"type": "list", "attributes": {"name": "Action"}}}
        )
        self.audience = response.json().get("data", {}).get("id", "")
        return response

    def add(self, values):
        rows = [{"type": "profile", "attributes": {"email": self.email(value)}} for value in values]
        data = {
            "type": "profile-bulk-import-job",
            "attributes": {"profiles": {"data": rows}},
            "relationships": {"lists": {"data": [{"type": "list", "id": self.audience}]}},
        }
        return self.call("POST", "/api/profile-bulk-import-jobs", {"data": data})

    def email(self, value):
        return f"{value[:20]}@example.com"

    def shown(self, values):
        return sorted(hashlib.sha256(self.email(value).encode()).hexdigest() for value in values)

    def ids(self, values):
        query = urlencode({"filter": f"any(email,{json.dumps([self.email(value) for value in values])})"})
        return [row["id"] for row in self.call("GET", f"/api/profiles?{query}").json()["data"]]

    def remove(self, values):
        rows = [{"type": "profile", "id": one} for one in self.ids(values)]
        return self.call("DELETE", f"/api/lists/{self.audience}/relationships/profiles", {"data": rows})


DRIVERS = {kind.slug: kind for kind in Driver.__subclasses__()}
