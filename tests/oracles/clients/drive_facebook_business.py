"""With facebook-business on the path: the calls an upload makes; what the client read comes out on stdout."""

import json
import sys

from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.customaudience import CustomAudience
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession

base, hashes = sys.argv[1], json.loads(sys.argv[2])
FacebookSession.GRAPH = base
FacebookAdsApi.init(app_id="1", app_secret="local-meta-app-secret", access_token="local-meta-access")
made = AdAccount("act_1").create_custom_audience(
    params={"name": "Action", "subtype": "CUSTOM", "customer_file_source": "USER_PROVIDED_ONLY"}
)
audience = CustomAudience(made["id"])
added = audience.add_users(CustomAudience.Schema.email_hash, hashes[:4], pre_hashed=True).json()
rows = [[value, hashes[5]] for value in hashes[4:5]]
audience.add_users(["EMAIL", "PHONE"], rows, is_raw=True, pre_hashed=True)
removed = audience.remove_users(CustomAudience.Schema.email_hash, hashes[:1], pre_hashed=True).json()
before = audience.api_get(fields=["name", "operation_status", "delivery_status"]).export_all_data()
session = {"session_id": 7, "batch_seq": 1, "last_batch_flag": True, "estimated_num_total": 1}
payload = {"schema": ["EMAIL"], "data": [[hashes[6]]]}
audience.create_users_replace(params={"session": session, "payload": payload})
try:
    audience.add_users(CustomAudience.Schema.email_hash, hashes[:1], pre_hashed=True)
except FacebookRequestError as error:
    refused = [error.api_error_code(), error.api_error_subcode(), error.http_status()]
json.dump(
    {"id": made["id"], "added": added, "removed": removed, "before": before, "refused": refused}, sys.stdout
)
