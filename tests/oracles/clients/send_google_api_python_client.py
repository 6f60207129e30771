"""With google-api-python-client on the path: the upload of recording.py by its discovery document."""

import json
import sys
from datetime import UTC, datetime

from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build

asked = json.loads(sys.argv[1])
service = build(
    "datamanager",
    "v1",
    credentials=Credentials(asked["secret"]["access_token"]),
    client_options={"api_endpoint": asked["base"]},
    static_discovery=True,
)
parent = f"accountTypes/GOOGLE_ADS/accounts/{asked['account']}"
lists = service.accountTypes().accounts().userLists()
lists.list(parent=parent, pageSize=100).execute()
info = {"uploadKeyTypes": ["CONTACT_ID"], "contactIdInfo": {"dataSourceType": "DATA_SOURCE_TYPE_FIRST_PARTY"}}
body = {"displayName": asked["name"], "membershipDuration": "46656000s", "ingestedUserListInfo": info}
made = lists.create(parent=parent, body=body).execute()
account = {"accountType": "GOOGLE_ADS", "accountId": asked["account"]}
destinations = [{"operatingAccount": account, "productDestinationId": made["id"]}]
consent = {"consent": {"adUserData": "CONSENT_GRANTED", "adPersonalization": "CONSENT_GRANTED"}}
terms = {"termsOfService": {"customerMatchTermsOfServiceStatus": "ACCEPTED"}}
members = service.audienceMembers()


def change(call, run, each, **rest):
    people = [
        {
            "userData": {
                "userIdentifiers": [
                    {"emailAddress": one["email_sha256"]},
                    {"phoneNumber": one["phone_sha256"]},
                ]
            },
            **each,
        }
        for one in asked[run]
    ]
    body = {"destinations": destinations, "encoding": "HEX", "audienceMembers": people, **rest}
    return call(body=body).execute()["requestId"]


def look(request_id):
    service.requestStatus().retrieve(requestId=request_id).execute()


look(change(members.ingest, "arrive", consent, **terms))
look(change(members.remove, "leave", {}))
started = datetime.now(UTC).isoformat()
told = change(members.ingest, "whole", consent, **terms)
clear = {"destinations": destinations, "removeAsOfTime": started}
look(members.removeAll(body=clear).execute()["requestId"])
look(told)
lists.get(name=f"{parent}/userLists/{made['id']}").execute()
