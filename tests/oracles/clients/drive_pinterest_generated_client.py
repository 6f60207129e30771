"""With pinterest-generated-client on the path: make, change and read a customer list."""

import json
import sys

from openapi_generated.pinterest_client import ApiClient, Configuration
from openapi_generated.pinterest_client.api.customer_lists_api import CustomerListsApi
from openapi_generated.pinterest_client.exceptions import ApiException
from openapi_generated.pinterest_client.model.customer_list_request import CustomerListRequest
from openapi_generated.pinterest_client.model.customer_list_update_request import CustomerListUpdateRequest

base, hashes = sys.argv[1], json.loads(sys.argv[2])
api = CustomerListsApi(ApiClient(Configuration(host=f"{base}/v5", access_token="local-pinterest-access")))
body = CustomerListRequest(name="Action", records=",".join(hashes), list_type="EMAIL")
made = api.customer_lists_create("549755885175", body)
change = CustomerListUpdateRequest(operation_type="REMOVE", records=",".join(hashes[:2]))
api.customer_lists_update("549755885175", made.id, change)
states = [str(api.customer_lists_get("549755885175", made.id).status) for _ in range(2)]
try:
    api.customer_lists_get("549755885175", "1")
except ApiException as error:
    refused = error.status
json.dump({"id": made.id, "states": states, "refused": refused}, sys.stdout)
