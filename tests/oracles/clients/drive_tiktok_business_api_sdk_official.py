"""With tiktok-business-api-sdk-official on the path: file upload, create, update, get."""

import hashlib
import json
import sys
import tempfile

import business_api_client as tiktok
from business_api_client.tiktok_business.tiktok_exceptions import TiktokSDKError

base, hashes = sys.argv[1], json.loads(sys.argv[2])
configuration = tiktok.Configuration()
configuration.host = base
api = tiktok.AudienceApi(tiktok.ApiClient(configuration))
token = "local-tiktok-access"


def upload(values):
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write("\n".join(values).encode())
        file.flush()
        signature = hashlib.md5("\n".join(values).encode()).hexdigest()
        answered = api.dmp_custom_audience_file_upload(
            token,
            advertiser_id="7",
            calculate_type="EMAIL_SHA256",
            file_name="a.csv",
            file_signature=signature,
            file=file.name,
        )
        return answered["data"]["file_path"]


body = tiktok.CustomAudienceCreateBody(
    advertiser_id="7",
    custom_audience_name="Action",
    calculate_type="EMAIL_SHA256",
    file_paths=[upload(hashes)],
)
audience = api.dmp_custom_audience_create(token, body=body)["data"]["custom_audience_id"]


def update(action, values):
    change = tiktok.CustomAudienceUpdateBody(
        advertiser_id="7", custom_audience_id=audience, action=action, file_paths=[upload(values)]
    )
    api.dmp_custom_audience_update(token, body=change)


update("REMOVE", hashes[:2])
details = [
    api.dmp_custom_audience_get("7", [audience], token)["data"]["list"][0]["audience_details"]
    for _ in range(2)
]
try:
    update("MERGE", hashes[:1])
except TiktokSDKError as error:
    refused = [type(error).__name__, str(error)]
json.dump(
    {"id": audience, "states": [one["audience_status"] for one in details], "refused": refused}, sys.stdout
)
