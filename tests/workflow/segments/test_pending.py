"""Imports and exports that take their time: the workflows ask again until the service has finished."""

import pytest

from .test_import_pinpoint import ENDPOINTS
from .test_postprocess_segments import ACTION, endpoint, event, line, output, segments

LOOKS = 3


@pytest.fixture
def slow(world, monkeypatch):
    """Both services finish a job only when they were asked three times how far it is."""
    jobs, looks = [], []
    monkeypatch.setattr(world.cloud, "run", lambda work, **_: jobs.append(work))

    def look(model, **_):
        if model.name in ("GetImportJob", "GetExportJob", "GetUploadJob"):
            looks.append(model.name)
            while jobs and len(looks) % LOOKS == 0:
                jobs.pop()()

    clients = [world.pinpoint, world.profiles]
    for client in clients:
        client.meta.events.register_first("before-call", look)
    yield looks
    for client in clients:
        client.meta.events.unregister("before-call", look)


@pytest.mark.parametrize(
    ("machine", "stage", "wait"),
    [
        ("import-pinpoint", "pinpoint-import", "Wait for the import"),
        ("import-customer-profiles", "customer-profiles-import", "Wait for the upload"),
    ],
)
def test_an_import_under_way_is_waited_for(run, world, slow, machine, stage, wait):
    arrived = world.put("imports", "pinpoint/endpoints.csv", ENDPOINTS)
    status, entered, _ = run(machine, arrived, stage, ENGAGEMENT_TARGET="Both")
    assert status == "SUCCEEDED"
    assert entered.count(wait) == LOOKS
    assert world.result(stage).data["size"] == 2


def test_an_endpoint_export_under_way_is_waited_for(run, world, slow):
    endpoint(world, "one", "1")
    output(world, line(ACTION, ["1"]))
    status, entered, _ = run("postprocess-segments", event(), "", ENGAGEMENT_TARGET="Pinpoint")
    assert status == "SUCCEEDED"
    assert entered.count("Wait for the export") == LOOKS
    assert segments(world)[ACTION]["users_without_endpoint"] == 0
