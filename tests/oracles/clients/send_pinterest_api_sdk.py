"""With pinterest-api-sdk on the path: the upload of recording.py by its models."""

import json
import sys

from openapi_generated.pinterest_client import Configuration
from pinterest.ads.customer_lists import CustomerList
from pinterest.client import PinterestSDKClient

asked = json.loads(sys.argv[1])
configuration = Configuration(host=f"{asked['base']}/v5", access_token=asked["secret"]["access_token"])
client = PinterestSDKClient(configuration=configuration)


def records(run):
    return ",".join(one["email_sha256"] for one in asked[run])


CustomerList.get_all(asked["account"], page_size=100, client=client)
made = CustomerList.create(
    asked["account"], asked["name"], records("arrive"), list_type="EMAIL", client=client
)
made.update_fields(operation_type="REMOVE", records=records("leave"))
