"""With tiktok-business-api-sdk-official on the path: the upload of recording.py."""

import hashlib
import json
import sys
import tempfile
from pathlib import Path

import business_api_client as tiktok

asked = json.loads(sys.argv[1])
configuration = tiktok.Configuration()
configuration.host = asked["base"]
api = tiktok.AudienceApi(tiktok.ApiClient(configuration))
token = asked["secret"]["access_token"]
about = {"advertiser_id": asked["account"]}


def upload(run):
    content = "".join(f"{one['email_sha256']}\n" for one in asked[run]).encode()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "people.csv"
        file.write_bytes(content)
        answered = api.dmp_custom_audience_file_upload(
            token,
            calculate_type="EMAIL_SHA256",
            file_name=file.name,
            file_signature=hashlib.md5(content).hexdigest(),
            file=str(file),
            **about,
        )
    return [answered["data"]["file_path"]]


def look(audience):
    api.dmp_custom_audience_get(about["advertiser_id"], [audience], token)


api.dmp_custom_audience_list(about["advertiser_id"], token, page=1, page_size=100)
body = tiktok.CustomAudienceCreateBody(
    custom_audience_name=asked["name"],
    calculate_type="EMAIL_SHA256",
    file_paths=upload("arrive"),
    retention_in_days=365,
    **about,
)
made = api.dmp_custom_audience_create(token, body=body)["data"]["custom_audience_id"]
look(made)
for action, run in (("REMOVE", "leave"), ("REPLACE", "whole")):
    change = tiktok.CustomAudienceUpdateBody(
        custom_audience_id=made, action=action, file_paths=upload(run), **about
    )
    api.dmp_custom_audience_update(token, body=change)
    look(made)
