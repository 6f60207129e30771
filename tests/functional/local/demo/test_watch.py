"""What the demo says while it waits names each piece of work so that ten of them can be told apart."""

import io
import json

import pytest

from local.demo.watch import Watcher


class OneResult:
    """An S3 with one stage result."""

    def __init__(self, result):
        self.body = json.dumps(result).encode()

    def get_paginator(self, _name):
        return self

    def paginate(self, **_):
        return [{"Contents": [{"Key": "runs/r/stages/one.json"}]}]

    def get_object(self, **_):
        return {"Body": io.BytesIO(self.body)}


@pytest.mark.parametrize(
    ("result", "told"),
    [
        (
            {"stage": "delivery", "name": "meta/Action-lovers/20261122-101500-ab12cd-5c4ed5",
             "data": {"platform": "meta", "audience": "Action lovers"}},
            "meta / Action lovers",
        ),
        ({"stage": "pinpoint-import", "name": "pinpoint/endpoints.csv", "data": {}}, "pinpoint/endpoints.csv"),
        ({"stage": "pinpoint-import", "name": "x" * 60 + "end.csv"}, "x" * 45 + "end.csv"),
    ],
)  # fmt: skip
def test_a_piece_of_work_is_told_once_by_the_name_people_know(result, told):
    said = []
    watcher = Watcher(OneResult({**result, "status": "succeeded"}), "audience", said.append)
    watcher._look()
    watcher._look()
    assert [line.split()[0] for line in said] == [result["stage"]]
    assert told in said[0]
    assert said[0].endswith(" done")
