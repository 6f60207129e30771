"""With google-api-python-client on the path: its bundled discovery document, plain JSON with names."""

import json
import sys

from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

base, hashes = sys.argv[1], json.loads(sys.argv[2])
service = build(
    "datamanager",
    "v1",
    credentials=Credentials("local-google-access"),
    client_options={"api_endpoint": base},
    static_discovery=True,
)
parent = "accountTypes/DISPLAY_VIDEO_ADVERTISER/accounts/7"
lists = service.accountTypes().accounts().userLists()
info = {"uploadKeyTypes": ["CONTACT_ID"], "contactIdInfo": {"dataSourceType": "DATA_SOURCE_TYPE_FIRST_PARTY"}}
body = {"displayName": "Action", "membershipDuration": "46656000s", "ingestedUserListInfo": info}
made = lists.create(parent=parent, body=body).execute()
account = {"accountType": "DISPLAY_VIDEO_ADVERTISER", "accountId": "7"}
common = {
    "destinations": [{"operatingAccount": account, "productDestinationId": made["id"]}],
    "encoding": "HEX",
    "audienceMembers": [{"userData": {"userIdentifiers": [{"emailAddress": value}]}} for value in hashes],
}
consent = {"adUserData": "CONSENT_GRANTED", "adPersonalization": "CONSENT_GRANTED"}
terms = {"customerMatchTermsOfServiceStatus": "ACCEPTED"}
members = service.audienceMembers()
request_id = members.ingest(body={**common, "consent": consent, "termsOfService": terms}).execute()[
    "requestId"
]
statuses = [
    service.requestStatus()
    .retrieve(requestId=request_id)
    .execute()["requestStatusPerDestination"][0]["requestStatus"]
    for _ in range(2)
]
members.remove(body={**common, "audienceMembers": common["audienceMembers"][:2]}).execute()
try:
    lists.create(parent=parent, body=body).execute()
except HttpError as error:
    refused = [error.status_code, error.error_details[0]["reason"]]
listed = [one["displayName"] for one in lists.list(parent=parent).execute()["userLists"]]
json.dump({"id": made["id"], "states": statuses, "refused": refused, "listed": listed}, sys.stdout)
