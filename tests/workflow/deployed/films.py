"""A small catalogue and its viewers, just above Personalize's minimums (1,000 interactions, 25 users)."""

import json

USERS = 40
GENRES = [f"Genre{number:02}" for number in range(1, 24)]
ITEMS = 2 * len(GENRES)
WATCHED = 28  # films per viewer


def query(genre):
    return f'ITEMS.GENRES = "{genre}"'


def viewer(name, number):
    return f"{name}-{number}"


def items():
    rows = [f"film-{n},{GENRES[n % len(GENRES)]}" for n in range(ITEMS)]
    return "\n".join(["ITEM_ID,GENRES", *rows]) + "\n"


def interactions(name, users=USERS):
    rows = [
        f"{viewer(name, user)},film-{(7 * user + step) % ITEMS},{1_700_000_000 + 60 * user + step}"
        for user in range(users)
        for step in range(WATCHED)
    ]
    return "\n".join(["USER_ID,ITEM_ID,TIMESTAMP", *rows]) + "\n"


def endpoints(name, users=USERS):
    """One address per viewer; every tenth has opted out of everything."""
    rows = [
        f"{viewer(name, n)},EMAIL,{name}-{n}@example.com,{'ALL' if n % 10 == 0 else 'NONE'}"
        for n in range(users)
    ]
    return "\n".join(["User.UserId,ChannelType,Address,OptOut", *rows]) + "\n"


def config(group, **solutions):
    """A configuration; `solutions` are by name their list of batch segment jobs."""
    return json.dumps(
        {
            "datasetGroup": {"serviceConfig": {"name": group}},
            "datasets": {
                "interactions": _dataset(
                    group, "Interactions", USER_ID="string", ITEM_ID="string", TIMESTAMP="long"
                ),
                "items": _dataset(group, "Items", ITEM_ID="string", GENRES="string"),
            },
            "solutions": [_solution(name, jobs) for name, jobs in solutions.items()],
        },
        indent=1,
    )


def _dataset(group, kind, **columns):
    fields = [{"name": name, "type": kind_} for name, kind_ in columns.items()]
    for field in fields:
        if field["name"] == "GENRES":
            field["categorical"] = True
    schema = {
        "type": "record", "name": kind, "namespace": "com.amazonaws.personalize.schema",
        "fields": fields, "version": "1.0",
    }  # fmt: skip
    return {
        "dataset": {"serviceConfig": {"name": f"{group}_{kind.lower()}"}},
        "schema": {"serviceConfig": {"name": f"{group}_{kind.lower()}_schema", "schema": schema}},
    }


def _solution(name, jobs):
    recipe = "arn:aws:personalize:::recipe/aws-item-attribute-affinity"
    return {"serviceConfig": {"name": name, "recipeArn": recipe}, "batchSegmentJobs": jobs}


def job(*queries, users=5, **service):
    """A batch segment job of `users` users per query; without queries, job_config.json is used."""
    settings = {"serviceConfig": {"numResults": users, **service}}
    return {**settings, "queries": list(queries)} if queries else settings


def job_config(*queries):
    return "".join(json.dumps({"itemAttributes": text}) + "\n" for text in queries)
