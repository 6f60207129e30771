"""The JSON that goes with the data: the training configuration and the segments to ask for.

Grammar of "Maintaining Personalized Experiences with Machine Learning" (SO0170); required fields of the
VIDEO_ON_DEMAND domain: https://docs.aws.amazon.com/personalize/latest/dg/VIDEO-ON-DEMAND-datasets-and-schemas.html
"""

from __future__ import annotations

from typing import Any

SOLUTION = "bw_aws-item-attribute-affinity"
RECIPE = "arn:aws:personalize:::recipe/aws-item-attribute-affinity"
QUERIES = (
    'ITEMS.genres = "Action"',
    'ITEMS.genres = "Comedy"',
    'ITEMS.genres = "Romance" AND ITEMS.genres = "Comedy"',
    'ITEMS.genres = "Sci-Fi"',
)


def training_config(segment_size: int) -> dict[str, Any]:
    """Return config.json. `segment_size` is the most users a segment may hold (`numResults`)."""
    fields = {
        "interactions": [
            _field("USER_ID", "string"), _field("ITEM_ID", "string"), _field("EVENT_VALUE", "float"),
            _field("EVENT_TYPE", "string"), _field("TIMESTAMP", "long"),
        ],
        "items": [
            _field("ITEM_ID", "string"), _field("TITLE", "string"), _field("RELEASE_YEAR", "int"),
            _field("CREATION_TIMESTAMP", "long"), _field("GENRES", "string", categorical=True),
        ],
        "users": [
            _field("USER_ID", "string"), _field("GENDER", "string", categorical=True), _field("AGE", "int"),
        ],
    }  # fmt: skip
    return {
        "datasetGroup": {"serviceConfig": {"name": "bingewatch", "domain": "VIDEO_ON_DEMAND"}},
        "datasets": {name: _dataset(name, columns) for name, columns in fields.items()},
        "solutions": [
            {
                "serviceConfig": {"name": SOLUTION, "recipeArn": RECIPE, "performAutoTraining": False},
                "batchSegmentJobs": [{"serviceConfig": {"numResults": segment_size}}],
            }
        ],
    }


def _dataset(name: str, columns: list[dict[str, Any]]) -> dict[str, Any]:
    schema = {
        "type": "record",
        "name": name.capitalize(),
        "namespace": "com.amazonaws.personalize.schema",
        "fields": columns,
        "version": "1.0",
    }
    return {
        "dataset": {"serviceConfig": {"name": f"bingewatch_{name}"}},
        "schema": {
            "serviceConfig": {
                "name": f"bingewatch_{name}_schema",
                "domain": "VIDEO_ON_DEMAND",
                "schema": schema,
            }
        },
    }


def _field(name: str, kind: str, *, categorical: bool = False) -> dict[str, Any]:
    field: dict[str, Any] = {"name": name, "type": kind}
    return {**field, "categorical": True} if categorical else field
