"""Audiences in the deployed stack: what is uploaded, and what must come of it. Fixtures, imported by conftest."""

import csv
import hashlib
import io
import json
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from local.glue_jobs import SPARK_PYTHON

USERS = 40
SEGMENT = "AudienceTest"


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture(scope="session")
def people(relay):
    """Forty people: one without an address, one who said no, one who opted out, one unknown."""
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    writer.writerow(["user_id", "email", "country", "consent_ads"])
    for n in range(1, USERS + 1):
        address = "" if n == 1 else f" Person{n}@Example.com "
        writer.writerow([n, address, "US", "no" if n == 2 else "yes"])
    relay.put("AudienceBucketName", "identities/people.csv", rows.getvalue())
    relay.put("AudienceBucketName", "suppressions/optouts.csv", "user_id\n3\n")
    activation = {
        "segments": [f"{SEGMENT}*"], "platforms": ["meta", "google"], "audience": "Test people",
        "identifiers": ["email"], "country": "US", "minimum": 0, "consent": {"required_in": ["*"]},
    }  # fmt: skip
    relay.put("AudienceBucketName", "activations/test-people.json", json.dumps(activation))
    return [*range(1, USERS + 1), "nobody"]


def prepared(relay, run):
    """Manifests of a run by platform, and the text of their parts."""
    found = {}
    for result in run.stages["audience-preparation"]:
        uri = result["data"].get("manifest")
        if uri:
            manifest = json.loads(relay.read(uri))
            folder = uri.rpartition("/")[0]
            text = "".join(relay.read(f"{folder}/{part['file']}") for part in manifest["parts"])
            found[manifest["platform"]] = (manifest, text)
    return found


def check(relay, run):
    found = prepared(relay, run)
    assert set(found) == {"meta", "google"}
    for manifest, text in found.values():
        counts = manifest["counts"]
        assert counts["received"] == USERS + 1
        assert counts["received"] == sum(counts[k] for k in ("sent", "rejected", "unchanged", "suppressed"))
        assert (counts["sent"], counts["suppressed"], counts["rejected"]) == (USERS - 3, 1, 3)
        assert digest(f"person{USERS}@example.com") in text
        assert not re.search(r"[\w.]@", text), "a plain address is in a part"
        assert digest("") not in text
    return {platform: text for platform, (_, text) in found.items()}


@pytest.fixture(scope="session")
def by_lambda(relay, people):
    ids = "user_id\n" + "".join(f"{user}\n" for user in people)
    key = f"segments/test/{SEGMENT}/{SEGMENT}_1.csv"
    relay.put("AudienceBucketName", key, ids)
    return check(relay, relay.run_of("audience-preparation", key))


@pytest.fixture(scope="session")
def by_spark(relay, people):
    if not SPARK_PYTHON.exists():
        pytest.skip("the Spark environment is not there: make .venv-spark/.done")
    file = io.BytesIO()
    table = pa.table({"user_id": [str(user) for user in people]})
    pq.write_table(table, file)
    key = f"segments/test/{SEGMENT}Parquet/{SEGMENT}_2.parquet"
    relay.put("AudienceBucketName", key, file.getvalue())
    return check(relay, relay.run_of("audience-preparation", key))


@pytest.fixture(scope="session")
def by_custom_channel(relay):
    """A Pinpoint campaign hands its people to the custom channel function."""
    event = {
        "CampaignId": "campaign", "ActivityId": "activity", "Data": "Campaign people",
        "Endpoints": {"e1": {"ChannelType": "CUSTOM", "OptOut": "NONE", "User": {"UserId": "7"}}},
    }  # fmt: skip
    name = relay.physical("PinpointCustomChannel/ReceiveCustomChannelFunction")
    answer = relay.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event).encode())
    return json.loads(answer["Payload"].read())
