"""With pinterest-generated-client on the path: the upload of recording.py."""

import json
import sys

from openapi_generated.pinterest_client import ApiClient, Configuration
from openapi_generated.pinterest_client.api.customer_lists_api import CustomerListsApi
from openapi_generated.pinterest_client.model.customer_list_request import CustomerListRequest
from openapi_generated.pinterest_client.model.customer_list_update_request import CustomerListUpdateRequest

asked = json.loads(sys.argv[1])
configuration = Configuration(host=f"{asked['base']}/v5", access_token=asked["secret"]["access_token"])
api = CustomerListsApi(ApiClient(configuration))


def records(run):
    return ",".join(one["email_sha256"] for one in asked[run])


api.customer_lists_list(asked["account"], page_size=100)
body = CustomerListRequest(name=asked["name"], records=records("arrive"), list_type="EMAIL")
made = api.customer_lists_create(asked["account"], body)
api.customer_lists_get(asked["account"], made.id)
change = CustomerListUpdateRequest(operation_type="REMOVE", records=records("leave"))
api.customer_lists_update(asked["account"], made.id, change)
