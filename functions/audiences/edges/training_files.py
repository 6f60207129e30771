"""The training configurations that were uploaded, and the dataset groups they name."""

from __future__ import annotations

import json

from audiences.edges.aws import client


def trained_groups(bucket: str) -> set[str]:
    """Return the names of the dataset groups in `train/**.json`; unreadable files name none."""
    s3 = client("s3")
    names = set()
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="train/"):
        for item in page.get("Contents", []):
            if item["Key"].endswith(".json"):
                body = s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
                try:
                    names.add(json.loads(body.decode("utf-8-sig"))["datasetGroup"]["serviceConfig"]["name"])
                except (ValueError, KeyError, TypeError):
                    continue
    return names
