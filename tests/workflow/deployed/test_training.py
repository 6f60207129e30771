"""Training in the deployed stack: from an uploaded configuration to segments in both services, and a mail."""

import gzip
import json

import pytest

from . import films
from .conftest import upload_training

MACHINE = "PersonalizeTraining/TrainPersonalize"


def problems(run):
    """What the report says went wrong; the mail must say all of it too."""
    said = [
        text
        for failure in run.report["failures"]
        for text in (failure["what"], failure["why"], failure["fix"])
    ]
    lines = [line.strip() for text in said for line in text.splitlines()]
    assert lines
    for line in lines:
        assert line in run.mail["body"]
    return "\n".join(lines)


def test_the_run_succeeds_and_its_mail_says_so(ten_segments):
    assert ten_segments.report["status"] == "succeeded"
    assert ten_segments.report["failures"] == []
    assert ten_segments.mail["subject"].startswith("Audience Relay: 10 segments ready - films - ")
    assert "Nothing to do." in ten_segments.mail["body"]
    (training,) = ten_segments.stages["personalize-training"]
    assert (training["data"]["interactions"], training["data"]["items"]) == (
        films.USERS * films.WATCHED,
        films.ITEMS,
    )


def test_s1_ten_queries_in_one_file_give_ten_segments_in_both_services(relay, ten_segments):
    segments = {segment["query"]: segment for segment in ten_segments.report["segments"]}
    assert sorted(segments) == sorted(ten_segments.queries)
    assert len(ten_segments.report["training"]["segment_jobs"]) == 1
    pinpoint, profiles = relay.client("pinpoint"), relay.client("customer-profiles")
    for segment in segments.values():
        users = relay.read(segment["file"]).split()[1:]
        assert len(users) == segment["users"] == len(set(users)) == 5
        reachable = [user for user in users if int(user.rpartition("-")[2]) % 10]
        targets = {target["service"]: target for target in segment["targets"]}
        made = pinpoint.get_segment(
            ApplicationId=relay.pinpoint_app, SegmentId=targets["pinpoint"]["segment_id"]
        )["SegmentResponse"]
        assert made["ImportDefinition"]["Size"] == targets["pinpoint"]["size"] == len(reachable)
        assert made["Name"].startswith(f"{segment['name']}_")
        members = profiles.get_segment_membership(
            DomainName=relay.outputs["CustomerProfilesDomainName"],
            SegmentDefinitionName=segment["name"],
            ProfileIds=[profile_of(relay, user) for user in users],
        )["Profiles"]
        assert [member["QueryResult"] for member in members] == ["PRESENT"] * 5
        assert targets["customer-profiles"]["size"] == 5


def profile_of(relay, user):
    found = relay.client("customer-profiles").search_profiles(
        DomainName=relay.outputs["CustomerProfilesDomainName"], KeyName="_account", Values=[user]
    )
    (profile,) = found["Items"]
    return profile["ProfileId"]


def test_what_is_not_ready_is_waited_for(relay, ten_segments):
    """First the data that had not arrived, then every resource that Personalize had in the making."""
    history = relay.history(ten_segments.execution)
    failed = [
        json.loads(e["taskFailedEventDetails"]["cause"]) for e in history if "taskFailedEventDetails" in e
    ]
    assert {cause["errorType"] for cause in failed} == {"RetryLater"}
    texts = [cause["errorMessage"] for cause in failed]
    assert "Not in the bucket yet: train/films/interactions.csv, train/films/items.csv." in texts[0]
    assert any("CREATE PENDING" in text or "CREATE IN_PROGRESS" in text for text in texts)
    assert relay.entered(ten_segments.execution)[-1] == "Training finished"


def test_the_bus_hears_of_every_resource_and_of_the_end(relay, ten_segments):
    events = relay.events(ten_segments.run_id)
    named = [(e["source"], e["detail-type"], e["detail"].get("Status")) for e in events]
    assert named[0][1] == "Run Started"
    for resource in ("Dataset Group", "Dataset", "Dataset Import Job", "Solution", "Solution Version",
                     "Batch Segment Job"):  # fmt: skip
        for status in ("CREATING", "ACTIVE"):
            wanted = ("solutions.aws.personalize", f"Personalize {resource} State Change", status)
            assert wanted in named, f"{resource} {status}"
    assert ("audiences.personalize-training", "Training Finished", None) in named
    assert len([n for n in named if n[1] == "Segment Created"]) == 10
    assert len([n for n in named if n[1] == "Segment Imported"]) == 10 + 10
    assert len([n for n in named if n[1] == "Run Finished"]) == 1


def test_s2_one_bad_query_costs_itself_only_and_is_named(nine_of_ten):
    report = nine_of_ten.report
    assert report["status"] == "partial"
    assert sorted(segment["query"] for segment in report["segments"]) == sorted(nine_of_ten.good)
    for segment in report["segments"]:
        assert {t["service"]: t["status"] for t in segment["targets"]}["customer-profiles"] == "succeeded"
    (problem,) = report["failures"]
    assert nine_of_ten.bad in problem["what"]
    assert "DIRECTOR" in problem["why"]
    assert nine_of_ten.mail["subject"].startswith("Audience Relay: finished with 1 problem - ")
    assert nine_of_ten.bad in nine_of_ten.mail["body"]
    (warning,) = [text for text in report["training"]["warnings"] if "DIRECTOR" in text]
    assert "will probably fail" in warning, "said before anything was paid for"


def test_more_queries_than_a_job_takes_become_several_jobs(relay):
    queries = [films.query(genre) for genre in films.GENRES]
    upload_training(relay, "many", "many", films.config("many", all=[films.job(*queries, users=3)]))
    run = relay.run_of("personalize-training", "many")
    assert run.report["status"] == "succeeded"
    assert sorted(segment["query"] for segment in run.report["segments"]) == sorted(queries)
    jobs = run.report["training"]["segment_jobs"]
    assert len(jobs) == len(run.stages["segment-postprocessing"]) == 3
    for name in jobs:
        arn = f"arn:aws:personalize:us-east-1:000000000000:batch-segment-job/{name}"
        source = relay.client("personalize").describe_batch_segment_job(batchSegmentJobArn=arn)
        path = source["batchSegmentJob"]["jobInput"]["s3DataSource"]["path"]
        assert len(relay.read(path).splitlines()) <= 10
    assert len({segment["name"] for segment in run.report["segments"]}) == 23


def test_a_repeat_takes_what_is_there_and_trains_anew(relay, nine_of_ten):
    """The same group again, with one new model of which only one segment job can work."""
    jobs = [films.job(films.query("Genre01")), films.job(films.query("Genre02"), filterArn=FILTER_OF_NOBODY)]
    upload_training(relay, "unknown", "again", films.config("unknown", again=jobs))
    run = relay.run_of("personalize-training", "again")
    assert run.report["status"] == "partial"
    assert [segment["query"] for segment in run.report["segments"]] == [films.query("Genre01")]
    said = {(e["resource"], e["status"]) for e in run.report["training"]["events"]}
    assert ("Dataset Group", "CREATING") not in said, "it was there"
    assert ("Solution Version", "ACTIVE") in said
    assert "filter/nobodys" in problems(run)


FILTER_OF_NOBODY = "arn:aws:personalize:us-east-1:000000000000:filter/nobodys"


def test_all_mistakes_of_a_configuration_come_in_one_mail_with_their_position(relay):
    text = films.config("bad", bad=[films.job(numberOfResults=5)])
    text = text.replace('"datasetGroup"', '"datasetsGroup"').replace('"dataset": {', '"datasett": {', 1)
    relay.put("PersonalizeBucketName", "train/bad/config.json", text)
    run = relay.run_of("personalize-training", "bad")
    assert run.report["status"] == "failed"
    said = problems(run)
    for wrong in ("datasetsGroup", "datasett", "numberOfResults"):
        line = next(n for n, content in enumerate(text.splitlines(), start=1) if wrong in content)
        assert any(f"train/bad/config.json:{line}:" in told and wrong in told for told in said.splitlines())
    assert run.mail["subject"].startswith("Audience Relay: failed - bad - ")


@pytest.mark.parametrize(
    ("folder", "broken", "said"),
    [
        ("short", lambda text: "".join(text.splitlines(keepends=True)[:500]), "has 499 interactions"),
        ("columns", lambda text: text.replace("ITEM_ID", "FILM", 1), "lacks the column ITEM_ID"),
        ("types", lambda text: text.replace(",1700000001", ",soon", 1), "interactions.csv:3:3: TIMESTAMP"),
        ("mark", lambda text: "\ufeff" + text, "byte order mark"),
        ("packed", lambda text: gzip.compress(text.encode()), "is not CSV: it holds NUL bytes"),
    ],
)  # fmt: skip
def test_bad_data_stops_the_run_before_anything_is_created(relay, folder, broken, said):
    relay.put("PersonalizeBucketName", f"train/{folder}/items.csv", films.items())
    relay.put("PersonalizeBucketName", f"train/{folder}/interactions.csv", broken(films.interactions(folder)))
    config = films.config(folder, model=[films.job(films.query("Genre01"))])
    relay.put("PersonalizeBucketName", f"train/{folder}/config.json", config)
    run = relay.run_of("personalize-training", folder)
    assert run.report["status"] == "failed"
    assert said in problems(run)
    groups = relay.client("personalize").list_dataset_groups()["datasetGroups"]
    assert folder not in [group["name"] for group in groups]


def test_windows_line_ends_and_quoted_line_breaks_do_no_harm(relay):
    rows = [f'{row},"two\r\nlines"' for row in films.items().splitlines()]
    folder = "windows"
    relay.put(
        "PersonalizeBucketName",
        f"train/{folder}/items.csv",
        "\r\n".join(["ITEM_ID,GENRES,NOTE", *rows[1:], ""]),
    )
    crlf = films.interactions(folder).replace("\n", "\r\n")
    relay.put("PersonalizeBucketName", f"train/{folder}/interactions.csv", crlf)
    config = films.config(folder, model=[films.job(films.query("Genre01"), users=3)])
    relay.put("PersonalizeBucketName", f"train/{folder}/config.json", config)
    run = relay.run_of("personalize-training", folder)
    assert run.report["status"] == "succeeded", run.report["failures"]
    (training,) = run.stages["personalize-training"]
    assert training["data"]["items"] == films.ITEMS
    assert [segment["users"] for segment in run.report["segments"]] == [3]
