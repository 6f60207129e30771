"""With google-ads-datamanager on the path: its REST transports, which send enumerations as numbers."""

import json
import sys

from google.ads import datamanager_v1 as dm
from google.ads.datamanager_v1.services.ingestion_service import transports as ingestion
from google.ads.datamanager_v1.services.user_list_service import transports as lists
from google.api_core.exceptions import BadRequest
from google.auth.credentials import AnonymousCredentials
from google.oauth2.credentials import Credentials

base, hashes = sys.argv[1], json.loads(sys.argv[2])
host = base.removeprefix("http://")


class Token(AnonymousCredentials):
    """The transport wants credentials; the token is fixed."""

    def before_request(self, _request, _method, _url, headers):
        Credentials("local-google-access").apply(headers)


options = {"host": host, "url_scheme": "http", "credentials": Token()}
user_lists = dm.UserListServiceClient(transport=lists.UserListServiceRestTransport(**options))
client = dm.IngestionServiceClient(transport=ingestion.IngestionServiceRestTransport(**options))
info = dm.IngestedUserListInfo(upload_key_types=[dm.IngestedUserListInfo.UploadKeyType.CONTACT_ID])
made = user_lists.create_user_list(
    parent="accountTypes/GOOGLE_ADS/accounts/1",
    user_list=dm.UserList(
        display_name="Action", membership_duration={"seconds": 86_400 * 540}, ingested_user_list_info=info
    ),
)
account = dm.ProductAccount(account_type=dm.ProductAccount.AccountType.GOOGLE_ADS, account_id="1")
destination = dm.Destination(operating_account=account, product_destination_id=str(made.id))


def members(values):
    return [
        dm.AudienceMember(user_data=dm.UserData(user_identifiers=[dm.UserIdentifier(email_address=value)]))
        for value in values
    ]


granted = dm.Consent(
    ad_user_data=dm.ConsentStatus.CONSENT_GRANTED, ad_personalization=dm.ConsentStatus.CONSENT_GRANTED
)
terms = dm.TermsOfService(customer_match_terms_of_service_status=dm.TermsOfServiceStatus.ACCEPTED)
common = {"destinations": [destination], "encoding": dm.Encoding.HEX}


def ingest(values):
    request = dm.IngestAudienceMembersRequest(
        audience_members=members(values), consent=granted, terms_of_service=terms, **common
    )
    return client.ingest_audience_members(request=request).request_id


def status(request_id):
    request = dm.RetrieveRequestStatusRequest(request_id=request_id)
    return client.retrieve_request_status(request=request).request_status_per_destination[0]


added = ingest(hashes)
states = [status(added).request_status.name, status(added).request_status.name]
count = status(added).audience_members_ingestion_status.user_data_ingestion_status.record_count
removal = dm.RemoveAudienceMembersRequest(audience_members=members(hashes[:2]), **common)
client.remove_audience_members(request=removal)
try:
    ingest(["not a hash"])
except BadRequest as error:
    refused = [error.code, error.reason]
json.dump({"id": str(made.id), "states": states, "count": count, "refused": refused}, sys.stdout)
