"""`make demo` from outside: the real program, the real deployment, and the evidence it leaves behind.

Sizes are counted again here, from the endpoint file and the segment files alone.
"""

import csv
import json
import re
import socket
from urllib.parse import unquote

import boto3
import pytest

from local.emulator import ROOT
from tests.workflow.deployed import films

from .running import end, start

ADDRESS = re.compile(r"[A-Za-z0-9+:@._-]+")
SERVICES = {"pinpoint", "customer-profiles"}


def rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def endpoints():
    return rows(ROOT / "data/pinpoint/endpoints.csv")


def client(demo, service):
    return boto3.client(
        service, endpoint_url=demo.endpoint, region_name="us-east-1",
        aws_access_key_id="test", aws_secret_access_key="test",
    )  # fmt: skip


def test_every_segment_is_in_both_services_with_the_size_it_should_have(demo, endpoints):
    assert len(demo.report["segments"]) >= 2
    for segment in demo.report["segments"]:
        users = {row["User.UserId"] for row in rows(demo.output / "segments" / f"{segment['name']}.csv")}
        assert len(users) == segment["users"] > 0
        reachable = {
            (row["ChannelType"], row["Address"], row["User.UserId"])
            for row in endpoints
            if row["User.UserId"] in users and row["OptOut"] != "ALL"
        }
        targets = {target["service"]: target for target in segment["targets"]}
        assert set(targets) == SERVICES
        assert {target["status"] for target in targets.values()} == {"succeeded"}
        assert targets["pinpoint"]["size"] == len(reachable)
        assert targets["customer-profiles"]["size"] == len(users)


def test_the_services_say_the_same_as_the_report(demo):
    pinpoint = client(demo, "pinpoint")
    (app,) = pinpoint.get_apps()["ApplicationsResponse"]["Item"]
    found = pinpoint.get_segments(ApplicationId=app["Id"], PageSize="100")["SegmentsResponse"]["Item"]
    sizes = {segment["Id"]: segment["ImportDefinition"]["Size"] for segment in found}
    (domain,) = client(demo, "customer-profiles").list_domains()["Items"]
    definitions = client(demo, "customer-profiles").list_segment_definitions(DomainName=domain["DomainName"])
    names = {item["SegmentDefinitionName"] for item in definitions["Items"]}
    for segment in demo.report["segments"]:
        targets = {target["service"]: target for target in segment["targets"]}
        assert sizes[targets["pinpoint"]["segment_id"]] == targets["pinpoint"]["size"]
        assert segment["name"] in names


def test_the_action_segment_finds_people_who_love_action(demo):
    """`data/truth` knows each viewer's true tastes; nothing of it was uploaded."""
    fans = {
        row["USER_ID"] for row in rows(ROOT / "data/truth/tastes.csv") if "Action" in row["TASTES"].split("|")
    }
    everybody = rows(ROOT / "data/truth/tastes.csv")
    users = [row["User.UserId"] for row in rows(demo.output / "segments/ITEMSgenresAction.csv")]
    share = sum(user in fans for user in users) / len(users)
    assert share >= 3 * len(fans) / len(everybody)


def test_the_report_tells_the_training_and_the_counts_add_up(demo):
    report = demo.report
    assert (report["status"], report["failures"]) == ("succeeded", [])
    assert report["training"]["dataset_group"] == "bingewatch"
    assert report["training"]["status"] == "succeeded"
    said = {(event["resource"], event["status"]) for event in report["training"]["events"]}
    for resource in ("Dataset Group", "Dataset Import Job", "Solution Version", "Batch Segment Job"):
        assert {(resource, "CREATING"), (resource, "ACTIVE")} <= said
    interactions = rows(ROOT / "data/personalize/train/bingewatch/interactions.csv")
    assert report["training"]["interactions"] == len(interactions)
    for segment in report["segments"]:
        for target in segment["targets"]:
            assert target["processed"] - target["failed"] == target["size"]
    for delivery in report["deliveries"]:
        parts = ("sent", "rejected", "unchanged", "suppressed")
        assert delivery["received"] == sum(delivery[part] for part in parts)
    assert report["duration_seconds"] > 0
    assert report["stack"] == "audience-relay"


def test_audiences_are_prepared_with_rejects_suppression_and_consent(demo):
    audiences = demo.report["audiences"]
    assert len({audience["platform"] for audience in audiences}) >= 3
    for audience in audiences:
        parts = ("sent", "rejected", "unchanged", "suppressed")
        assert audience["received"] == sum(audience[part] for part in parts)
        assert audience["rejected"] == sum(audience["reject_reasons"].values())
        assert audience["suppressed"] > 0
        assert "consent_denied" in audience["reject_reasons"]
    assert len(list((demo.output / "manifests").iterdir())) == len(audiences)


def test_there_is_one_mail_a_run_and_the_evidence_lies_beside_the_report(demo):
    runs = {re.search(r"^Run (\S+),", mail["body"], re.MULTILINE)[1] for mail in demo.report["emails"]}
    assert len(runs) == len(demo.report["emails"]) == 2
    made = (
        f"{len(demo.report['segments'])} segments ready, {len(demo.report['deliveries'])} audiences delivered"
    )
    subject = re.compile(rf": {made}(, \d+ notes?)? - bingewatch - ")
    assert any(subject.search(mail["subject"]) for mail in demo.report["emails"])
    texts = [path.read_text() for path in sorted((demo.output / "emails").iterdir())]
    assert texts == [f"Subject: {mail['subject']}\n\n{mail['body']}" for mail in demo.report["emails"]]
    page = (demo.output / "report.html").read_text()
    for segment in demo.report["segments"]:
        assert segment["name"] in page
        assert f"{segment['name']} " in demo.said
    for folder in ("segments", "manifests", "receipts", "emails"):
        assert (demo.output / folder).is_dir()


def everything_said(demo):
    """`{where: text}`: what the demo shows and keeps, every workflow's history, and all logs."""
    names = ("report.json", "report.html", "emulator.log", "deploy.log", "ad-platforms.log")
    kept = [demo.output / name for name in names]
    kept += (demo.output / "emails").iterdir()
    texts = {path.name: path.read_text() for path in kept} | {"stdout": demo.said}
    states, logs = client(demo, "stepfunctions"), client(demo, "logs")
    for machine in states.list_state_machines()["stateMachines"]:
        executions = states.get_paginator("list_executions").paginate(
            stateMachineArn=machine["stateMachineArn"]
        )
        for execution in (item for page in executions for item in page["executions"]):
            arn = execution["executionArn"]
            history = states.get_paginator("get_execution_history").paginate(executionArn=arn)
            texts[arn] = json.dumps([page["events"] for page in history], default=str)
    for group in logs.describe_log_groups()["logGroups"]:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
        texts[group["logGroupName"]] = "\n".join(e["message"] for page in pages for e in page["events"])
    return texts


def test_no_address_of_the_endpoint_file_is_said_anywhere(demo, endpoints):
    addresses = {row["Address"] for row in endpoints}
    assert all(ADDRESS.fullmatch(address) for address in addresses), "else the search below would miss it"
    texts = everything_said(demo)
    assert len([name for name in texts if ":execution:" in name]) >= 10
    assert sum(len(text) for name, text in texts.items() if name.startswith("/aws/lambda/")) > 10_000
    for name, text in texts.items():
        words = {word.strip(".:") for word in ADDRESS.findall(text) + ADDRESS.findall(unquote(text))}
        assert not words & addresses, name


@pytest.fixture(scope="module")
def small(tmp_path_factory, demo):
    """Three small demos at the same time: training only, endpoints only, and too little training data.

    After the big one, which has built the asset that they share.
    """
    folders = {name: tmp_path_factory.mktemp(name) for name in ("training", "endpoints", "short")}
    for name, watched in (
        ("training", films.interactions("films")),
        ("short", films.interactions("films", 10)),
    ):
        train = folders[name] / "data/personalize/train/films"
        train.mkdir(parents=True)
        (train / "interactions.csv").write_text(watched)
        (train / "items.csv").write_text(films.items())
        jobs = [films.job(films.query(genre)) for genre in films.GENRES[:2]]
        (train / "config.json").write_text(films.config("films", two=jobs))
    (folders["endpoints"] / "data/pinpoint").mkdir(parents=True)
    (folders["endpoints"] / "data/pinpoint/viewers.csv").write_text(films.endpoints("films"))
    running = {name: start(path, DEMO_DATA=str(path / "data")) for name, path in folders.items()}
    return {name: end(process, folders[name]) for name, process in running.items()}


def test_training_data_alone_is_enough(small):
    demo = small["training"]
    assert demo.code == 0, demo.said
    assert [segment["users"] for segment in demo.report["segments"]] == [5, 5]
    for segment in demo.report["segments"]:
        assert [target["service"] for target in segment["targets"]] == ["customer-profiles"]
        assert segment["users_without_endpoint"] == 5
    assert len(demo.report["emails"]) == 1


def test_endpoints_alone_are_enough(small):
    demo = small["endpoints"]
    assert demo.code == 0, demo.said
    assert (demo.report["training"]["status"], demo.report["segments"]) == ("skipped", [])
    assert {item["service"]: item["size"] for item in demo.report["imports"]} == dict.fromkeys(
        SERVICES, films.USERS
    )


def test_a_failed_stage_fails_the_demo_and_says_why(small):
    demo = small["short"]
    assert demo.code == 1
    assert "PROBLEM in personalize-training" in demo.said
    assert "has 280 interactions; Personalize needs at least 1000" in demo.said
    assert demo.report["status"] == "failed"


def test_a_demo_stops_what_it_started_and_leaves_nothing_but_its_output(small):
    for demo in small.values():
        port = int(re.search(r"runs on http://127\.0\.0\.1:(\d+)", demo.said)[1])
        with socket.socket() as probe, pytest.raises(ConnectionRefusedError):
            probe.connect(("127.0.0.1", port))
        assert list((demo.folder / "tmp").iterdir()) == []


@pytest.mark.parametrize("folder", ["missing", "empty"])
def test_a_folder_without_data_is_refused_at_once(tmp_path, folder):
    (tmp_path / "empty").mkdir()
    process = start(tmp_path / "run", DEMO_DATA=str(tmp_path / folder))
    demo = end(process, tmp_path / "run")
    assert demo.code == 2
    assert f"{tmp_path / folder} has neither personalize/ nor pinpoint/." in demo.said
    assert "Set DEMO_DATA to a folder shaped like data/." in demo.said
    assert not (tmp_path / "run/demo").exists()
