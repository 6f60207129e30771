"""With klaviyo-api on the path: lists, an import job and its errors, profiles taken off a list."""

import json
import sys

from klaviyo_api import KlaviyoAPI

base, hashes = sys.argv[1], json.loads(sys.argv[2])
client = KlaviyoAPI("local-klaviyo-key", test_host=base, max_retries=1)
emails = [f"{value[:20]}@example.com" for value in hashes]


def read(answered):
    return answered if isinstance(answered, dict) else answered.to_dict()


made = read(client.Lists.create_list({"data": {"type": "list", "attributes": {"name": "Action"}}}))["data"][
    "id"
]
rows = [{"type": "profile", "attributes": {"email": email}} for email in [*emails, "shoe"]]
job = {
    "type": "profile-bulk-import-job",
    "attributes": {"profiles": {"data": rows}},
    "relationships": {"lists": {"data": [{"type": "list", "id": made}]}},
}
job_id = read(client.Profiles.bulk_import_profiles({"data": job}))["data"]["id"]
states = [
    read(client.Profiles.get_bulk_import_profiles_job(job_id))["data"]["attributes"]["status"]
    for _ in range(2)
]
errors = read(client.Profiles.get_errors_for_bulk_import_profiles_job(job_id))["data"]
wanted = ",".join(f'"{email}"' for email in emails[:2])
found = read(client.Profiles.get_profiles(filter=f"any(email,[{wanted}])"))["data"]
gone = {"data": [{"type": "profile", "id": one["id"]} for one in found]}
client.Lists.remove_profiles_from_list(made, gone)
pointers = [one["attributes"]["source"]["pointer"] for one in errors]
json.dump({"id": made, "states": [str(one) for one in states], "pointers": pointers}, sys.stdout)
