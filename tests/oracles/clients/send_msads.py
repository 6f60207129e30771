"""With msads on the path: the upload of recording.py over REST."""

import json
import sys

from bingads.authorization import AuthorizationData, OAuthDesktopMobileAuthCodeGrant, OAuthTokens
from bingads.service_client import ServiceClient
from openapi_client.models.campaign.add_audiences_request import AddAudiencesRequest
from openapi_client.models.campaign.apply_customer_list_user_data_request import (
    ApplyCustomerListUserDataRequest,
)
from openapi_client.models.campaign.customer_list import CustomerList
from openapi_client.models.campaign.customer_list_user_data import CustomerListUserData
from openapi_client.models.campaign.get_audiences_by_ids_request import GetAudiencesByIdsRequest

asked = json.loads(sys.argv[1])
secret = asked["secret"]
tokens = OAuthTokens(
    access_token=secret["access_token"], access_token_expires_in_seconds=3600, refresh_token="x"
)
grant = OAuthDesktopMobileAuthCodeGrant(client_id=secret["client_id"], oauth_tokens=tokens)
data = AuthorizationData(
    account_id=int(asked["account"]),
    customer_id=int(secret["customer_id"]),
    developer_token=secret["developer_token"],
    authentication=grant,
)
client = ServiceClient("CampaignManagementService", 13, data, location=asked["base"])
client.get_audiences_by_ids(GetAudiencesByIdsRequest(audience_ids=None, type="CustomerList"))
new = CustomerList(
    name=asked["name"],
    parent_id=asked["account"],
    scope="Account",
    membership_duration=-1,
    type="CustomerList",
)
made = client.add_audiences(AddAudiencesRequest(audiences=[new])).audience_ids[0]
for action, run in (("Add", "arrive"), ("Remove", "leave"), ("Replace", "whole")):
    change = CustomerListUserData(
        audience_id=made,
        action_type=action,
        customer_list_item_sub_type="Email",
        customer_list_items=[one["email_sha256"] for one in asked[run]],
    )
    client.apply_customer_list_user_data(ApplyCustomerListUserDataRequest(customer_list_user_data=change))
client.get_audiences_by_ids(GetAudiencesByIdsRequest(audience_ids=[made], type="CustomerList"))
