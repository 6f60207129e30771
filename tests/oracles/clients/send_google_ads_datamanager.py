"""With google-ads-datamanager on the path: the upload of recording.py by its typed messages, over REST."""

import json
import sys
from datetime import UTC, datetime

from google.ads import datamanager_v1 as dm
from google.ads.datamanager_v1.services.ingestion_service import transports as ingestion
from google.ads.datamanager_v1.services.user_list_service import transports as lists
from google.auth.credentials import AnonymousCredentials
from google.oauth2.credentials import Credentials

asked = json.loads(sys.argv[1])


class Token(AnonymousCredentials):
    """The transport wants credentials; the token is fixed."""

    def before_request(self, _request, _method, _url, headers):
        Credentials(asked["secret"]["access_token"]).apply(headers)


host = asked["base"].removeprefix("http://")
options = {"host": host, "url_scheme": "http", "credentials": Token()}
user_lists = dm.UserListServiceClient(transport=lists.UserListServiceRestTransport(**options))
client = dm.IngestionServiceClient(transport=ingestion.IngestionServiceRestTransport(**options))
parent = f"accountTypes/GOOGLE_ADS/accounts/{asked['account']}"
list(user_lists.list_user_lists(request=dm.ListUserListsRequest(parent=parent, page_size=100)))
contact = dm.ContactIdInfo(data_source_type=dm.DataSourceType.DATA_SOURCE_TYPE_FIRST_PARTY)
keys = [dm.IngestedUserListInfo.UploadKeyType.CONTACT_ID]
made = user_lists.create_user_list(
    parent=parent,
    user_list=dm.UserList(
        display_name=asked["name"],
        membership_duration={"seconds": 86_400 * 540},
        ingested_user_list_info=dm.IngestedUserListInfo(upload_key_types=keys, contact_id_info=contact),
    ),
)
account = dm.ProductAccount(
    account_type=dm.ProductAccount.AccountType.GOOGLE_ADS, account_id=asked["account"]
)
destination = dm.Destination(operating_account=account, product_destination_id=str(made.id))
common = {"destinations": [destination], "encoding": dm.Encoding.HEX}
granted = dm.Consent(
    ad_user_data=dm.ConsentStatus.CONSENT_GRANTED, ad_personalization=dm.ConsentStatus.CONSENT_GRANTED
)
terms = dm.TermsOfService(customer_match_terms_of_service_status=dm.TermsOfServiceStatus.ACCEPTED)


def members(run, consent=None):
    return [
        dm.AudienceMember(
            consent=consent,
            user_data=dm.UserData(
                user_identifiers=[
                    dm.UserIdentifier(email_address=one["email_sha256"]),
                    dm.UserIdentifier(phone_number=one["phone_sha256"]),
                ]
            ),
        )
        for one in asked[run]
    ]


def ingest(run):
    request = dm.IngestAudienceMembersRequest(
        audience_members=members(run, granted), terms_of_service=terms, **common
    )
    return client.ingest_audience_members(request=request).request_id


def look(request_id):
    request = dm.RetrieveRequestStatusRequest(request_id=request_id)
    client.retrieve_request_status(request=request)


look(ingest("arrive"))
removal = dm.RemoveAudienceMembersRequest(audience_members=members("leave"), **common)
look(client.remove_audience_members(request=removal).request_id)
started = datetime.now(UTC)
told = ingest("whole")
clear = dm.RemoveAllAudienceMembersRequest(destinations=[destination], remove_as_of_time=started)
look(client.remove_all_audience_members(request=clear).request_id)
look(told)
user_lists.get_user_list(request=dm.GetUserListRequest(name=f"{parent}/userLists/{made.id}"))
