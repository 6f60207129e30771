"""With klaviyo-api on the path: the upload of recording.py."""

import json
import sys

from klaviyo_api import KlaviyoAPI

asked = json.loads(sys.argv[1])
client = KlaviyoAPI(asked["secret"]["api_key"], test_host=asked["base"], max_retries=1)


def read(answered):
    return (answered if isinstance(answered, dict) else answered.to_dict())["data"]


client.Lists.get_lists(filter=f'equals(name,"{asked["name"]}")')
made = read(client.Lists.create_list({"data": {"type": "list", "attributes": {"name": asked["name"]}}}))["id"]
rows = [{"type": "profile", "attributes": {"email": one["email"]}} for one in asked["arrive"]]
job = {
    "type": "profile-bulk-import-job",
    "attributes": {"profiles": {"data": rows}},
    "relationships": {"lists": {"data": [{"type": "list", "id": made}]}},
}
job_id = read(client.Profiles.bulk_import_profiles({"data": job}))["id"]
for _ in range(2):
    client.Profiles.get_bulk_import_profiles_job(job_id)
wanted = json.dumps([one["email"] for one in asked["leave"]])
found = read(client.Profiles.get_profiles(filter=f"any(email,{wanted})", page_size=100))
gone = {"data": [{"type": "profile", "id": one["id"]} for one in found]}
client.Lists.remove_profiles_from_list(made, gone)
client.Lists.get_list(made, additional_fields_list=["profile_count"])
