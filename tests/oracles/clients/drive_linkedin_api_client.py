"""With linkedin-api-client on the path: its Rest.li batches."""

import json
import sys

from linkedin_api.clients.restli import client as module
from linkedin_api.common import constants

base, hashes = sys.argv[1], json.loads(sys.argv[2])
constants.VERSIONED_BASE_URL = f"{base}/rest"
client = module.RestliClient()
common = {"access_token": "local-linkedin-access", "version_string": "202603"}
segment = {
    "name": "Action",
    "account": "urn:li:sponsoredAccount:5",
    "type": "USER",
    "sourcePlatform": "OURS",
    "sourceSegmentId": "a",
    "destinations": [{"destination": "LINKEDIN"}],
}
made = client.create(resource_path="/dmpSegments", entity=segment, **common).entity_id


def users(action, values):
    entities = [{"action": action, "userIds": [{"idType": "SHA256_EMAIL", "idValue": one}]} for one in values]
    path = "/dmpSegments/{id}/users"
    answered = client.batch_create(resource_path=path, path_keys={"id": made}, entities=entities, **common)
    return [one.status for one in answered.elements]


added = users("ADD", [*hashes, "shoe"])
users("REMOVE", hashes[:2])
query = {"account": "urn:li:sponsoredAccount:5"}
found = client.finder(resource_path="/dmpSegments", finder_name="account", query_params=query, **common)
json.dump({"id": made, "added": added, "found": [one["name"] for one in found.elements]}, sys.stdout)
