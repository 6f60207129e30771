"""Invented training configurations and data: just enough to be valid, so that a test breaks one thing."""

import json
from copy import deepcopy

import pytest
from audiences.training.names import identify_run
from audiences.training.plan import Account

FIELDS = {
    "interactions": [
        ("USER_ID", "string"),
        ("ITEM_ID", "string"),
        ("TIMESTAMP", "long"),
        ("EVENT_TYPE", "string"),
    ],
    "items": [("ITEM_ID", "string"), ("GENRES", "string"), ("CREATION_TIMESTAMP", "long")],
    "users": [("USER_ID", "string"), ("AGE", ["null", "int"])],
}


def dataset(kind):
    fields = [{"name": name, "type": kinds} for name, kinds in FIELDS[kind]]
    schema = {"type": "record", "name": kind, "namespace": "com.example", "fields": fields, "version": "1.0"}
    return {
        "dataset": {"serviceConfig": {"name": f"shop_{kind}"}},
        "schema": {"serviceConfig": {"name": f"shop_{kind}_schema", "schema": schema}},
    }


CONFIG = {
    "datasetGroup": {"serviceConfig": {"name": "shop", "domain": "VIDEO_ON_DEMAND"}},
    "datasets": {kind: dataset(kind) for kind in FIELDS},
    "solutions": [
        {
            "serviceConfig": {
                "name": "affinity",
                "recipeArn": "arn:aws:personalize:::recipe/aws-item-attribute-affinity",
            },
            "batchSegmentJobs": [{"serviceConfig": {"numResults": 50}}],
        }
    ],
}
PREFIX = "arn:aws:personalize:eu-central-1:123456789012"
ACCOUNT = Account(PREFIX, "arn:aws:iam::123456789012:role/personalize")
QUERY = '{ "itemAttributes": "ITEMS.genres = \\"Action\\"" }\n'


@pytest.fixture
def config():
    return deepcopy(CONFIG)


@pytest.fixture
def run():
    return identify_run(trigger(), "2026-11-22T10:00:00.123Z")


def trigger(key="train/shop/config.json"):
    return {"detail": {"bucket": {"name": "data"}, "object": {"key": key}}, "execution_key": "k1"}


def encoded(config):
    return json.dumps(config, indent=2).encode()


def interactions(users=30, each=40):
    rows = [f"u{n},i{m},{1700000000 + m},Watch" for n in range(users) for m in range(each)]
    return "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\n" + "\n".join(rows) + "\n"


def uploaded(config):
    """Return the objects of a complete upload, by key."""
    return {
        "train/shop/config.json": encoded(config),
        "train/shop/interactions.csv": interactions().encode(),
        "train/shop/items.csv": b"ITEM_ID,GENRES,CREATION_TIMESTAMP\ni1,Action|Comedy,1600000000\n",
        "train/shop/users.csv": b"USER_ID,AGE\nu1,30\nu2,\n",
        "batch/shop/affinity/job_config.json": QUERY.encode(),
    }


class MemoryStore:
    """The Personalize bucket as a dict."""

    def __init__(self, objects):
        self.objects = objects

    def sizes(self, prefix):
        return {key: len(value) for key, value in self.objects.items() if key.startswith(prefix)}

    def read(self, key):
        return self.objects[key]

    def stream(self, key, most_bytes):
        content = self.objects[key][:most_bytes]
        for start in range(0, len(content), 1000):
            yield content[start : start + 1000]

    def write(self, key, text):
        self.objects[key] = text.encode()
