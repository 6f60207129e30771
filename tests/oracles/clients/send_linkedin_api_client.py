"""With linkedin-api-client on the path: the upload of recording.py by Rest.li calls."""

import hashlib
import json
import sys

from linkedin_api.clients.restli import client as module
from linkedin_api.common import constants

asked = json.loads(sys.argv[1])
constants.VERSIONED_BASE_URL = f"{asked['base']}/rest"
client = module.RestliClient()
common = {"access_token": asked["secret"]["access_token"], "version_string": asked["version"]}
account = f"urn:li:sponsoredAccount:{asked['account']}"
query = {"account": account, "start": 0, "count": 100}
client.finder(resource_path="/dmpSegments", finder_name="account", query_params=query, **common)
segment = {
    "name": asked["name"],
    "account": account,
    "type": "USER",
    "sourcePlatform": asked["secret"]["source_platform"],
    "sourceSegmentId": hashlib.sha256(asked["name"].encode()).hexdigest()[:32],
    "destinations": [{"destination": "LINKEDIN"}],
}
made = client.create(resource_path="/dmpSegments", entity=segment, **common).entity_id
for action, run in (("ADD", "arrive"), ("REMOVE", "leave")):
    entities = [
        {"action": action, "userIds": [{"idType": "SHA256_EMAIL", "idValue": one["email_sha256"]}]}
        for one in asked[run]
    ]
    client.batch_create(
        resource_path="/dmpSegments/{id}/users", path_keys={"id": made}, entities=entities, **common
    )
client.get(resource_path="/dmpSegments/{id}", path_keys={"id": made}, **common)
