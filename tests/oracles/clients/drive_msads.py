"""With msads on the path: make a customer list, apply items, read the partial errors."""

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

base, hashes = sys.argv[1], json.loads(sys.argv[2])
tokens = OAuthTokens(
    access_token="local-microsoft-access", access_token_expires_in_seconds=3600, refresh_token="x"
)
grant = OAuthDesktopMobileAuthCodeGrant(client_id="local-client", oauth_tokens=tokens)
data = AuthorizationData(
    account_id=2, customer_id=1, developer_token="local-developer-token", authentication=grant
)
client = ServiceClient("CampaignManagementService", 13, data, location=base)
new = CustomerList(name="Action", parent_id="2", scope="Account", membership_duration=-1, type="CustomerList")
made = client.add_audiences(AddAudiencesRequest(audiences=[new])).audience_ids[0]


def apply(action, values):
    change = CustomerListUserData(
        audience_id=made, action_type=action, customer_list_item_sub_type="Email", customer_list_items=values
    )
    request = ApplyCustomerListUserDataRequest(customer_list_user_data=change)
    return client.apply_customer_list_user_data(request).partial_errors


none = apply("Add", hashes)
some = [(int(one.index), one.error_code) for one in apply("Remove", [*hashes[:2], "shoe"])]
json.dump({"id": made, "none": none, "some": some}, sys.stdout)
