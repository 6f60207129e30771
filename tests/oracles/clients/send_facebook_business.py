"""With facebook-business on the path: the upload of recording.py. The SDK normalises and hashes itself."""

import json
import sys

from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.customaudience import CustomAudience
from facebook_business.api import FacebookAdsApi
from facebook_business.session import FacebookSession

asked = json.loads(sys.argv[1])
FacebookSession.GRAPH = asked["base"]
secret = asked["secret"]
FacebookAdsApi.init(app_id="1", app_secret=secret["app_secret"], access_token=secret["access_token"])
account = AdAccount(f"act_{asked['account']}")
list(account.get_custom_audiences(fields=["id", "name"], params={"limit": 100}))
made = account.create_custom_audience(
    params={"name": asked["name"], "subtype": "CUSTOM", "customer_file_source": "USER_PROVIDED_ONLY"}
)
audience = CustomAudience(made["id"])
schema = [CustomAudience.Schema.MultiKeySchema.email, CustomAudience.Schema.MultiKeySchema.phone]
shown = ["id", "name", "operation_status", "delivery_status"]
shown += ["approximate_count_lower_bound", "approximate_count_upper_bound"]


def rows(run):
    return [[one["email"], one["phone"]] for one in asked[run]]


def session(run, number):
    parts = {"session_id": number, "batch_seq": 1, "last_batch_flag": True}
    return {**parts, "estimated_num_total": len(asked[run])}


audience.add_users(schema, rows("arrive"), is_raw=True, session=session("arrive", 7))
audience.remove_users(schema, rows("leave"), is_raw=True, session=session("leave", 8))
whole = CustomAudience.format_params(schema, rows("whole"), is_raw=True, session=session("whole", 9))
audience.create_users_replace(params=whole)
audience.api_get(fields=shown)
