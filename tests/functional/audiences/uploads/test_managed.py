"""The scenarios of tests/contract/scenarios.py for platforms that services of AWS deliver to, step by step."""

import copy
import csv
import hashlib
import importlib
import io
import json
from collections import Counter
from pathlib import Path

import asyncssh
import pytest
from audiences.errors import DataError, SetupError
from audiences.preparation.shape import find_shape

from tests.contract.scenarios import each
from tests.functional.audiences.uploads import test_appflow, test_sftp

ROOT = Path(__file__).parents[4]
FIRST, SECOND = "20261122-090000-abc123", "20261123-090000-abc124"


class Managed:
    """One platform: its audience is what the files or records on the other side add up to."""

    def __init__(self, slug, uploads, request):
        self.slug, self.uploads, self.request = slug, uploads, request
        self.is_flow = slug == "salesforce"
        if self.is_flow:
            self.service = request.getfixturevalue("flow")
        else:
            self.service = request.getfixturevalue("connectors")
            self.connector = request.getfixturevalue("connector")
            self.server = request.getfixturevalue("server")
            self.connector_id = self.connector()
        self.runs = self.executions = 0

    def prepare(self, users, mode="add", **more):
        if self.runs:
            self.uploads.settle(self.slug)
        self.runs += 1
        run = FIRST if self.runs == 1 else SECOND
        return self.uploads.prepare(self.slug, users, mode=mode, run=run, **more)

    def send(self, manifest):
        """Take the steps of the workflow, as a new execution; returns the names of the steps."""
        self.executions += 1
        key = f"execution-{self.executions}"
        if self.is_flow:
            return test_appflow.deliver(self.uploads, self.service, manifest, key)[0]
        return test_sftp.deliver(self.uploads, self.service, self.connector_id, manifest, key)[0]

    def give_up(self, manifest, error):
        """Take the last step of an execution that failed."""
        cause = json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)})
        event = {"error": {"Error": type(error).__name__, "Cause": cause}}
        key = f"execution-{self.executions}"
        assert self.uploads.step("record_failed_delivery", manifest, key, **event) == {"status": "failed"}

    def deliver(self, users, mode="add", **more):
        """Prepare and deliver; returns the receipt."""
        manifest = self.prepare(users, mode, **more)
        self.send(manifest)
        return self.uploads.receipt(manifest)

    def files(self):
        return test_sftp.files(self.server)

    def held(self):
        """Return who is in the audience, as often as they are."""
        if self.is_flow:
            records = test_appflow.records(self.service).values()
            return Counter(one["Email__c"] for one in records if one["Status__c"] == "Member")
        texts = list(self.files().items())
        if find_shape(self.slug).whole:
            newest = max((name.split("_")[1] for name, _ in texts), default="")
            texts = [(name, text) for name, text in texts if newest in name]
        members = Counter()
        for name, text in texts:
            values = Counter(row["email"] for row in csv.DictReader(io.StringIO(text)))
            members = members - values if "_remove_" in name else members | values
        return members

    def wanted(self, numbers):
        plain = [f"person{number}@example.com" for number in numbers]
        if self.slug == "liveramp":
            plain = [hashlib.sha256(one.encode()).hexdigest() for one in plain]
        return Counter(plain)

    def parts(self, manifest):
        return self.uploads.json(manifest.partition("audience-bucket/")[2])["parts"]

    def limit(self, monkeypatch, **limits):
        shape = copy.copy(find_shape(self.slug))
        for name, value in limits.items():
            object.__setattr__(shape, name, value)
        monkeypatch.setattr(importlib.import_module(f"audiences.platforms.{self.slug}.shape"), "SHAPE", shape)


@pytest.fixture
def managed(request, uploads):
    return Managed(request.param, uploads, request)


def users(*numbers):
    return [f"u{number}" for number in numbers]


@each("add", "sftp", "appflow")
def test_people_are_added(managed):
    receipt = managed.deliver(users(1, 2))
    assert (receipt["status"], receipt["sent"], receipt["accepted"]) == ("succeeded", 2, 2)
    managed.deliver(users(2, 3))
    is_whole = find_shape(managed.slug).whole  # then what is not in the file is gone
    assert managed.held() == managed.wanted([2, 3] if is_whole else [1, 2, 3])


@each("remove", "sftp", "appflow")
def test_people_are_removed(managed):
    managed.deliver(users(1, 2, 3))
    assert managed.deliver(users(1), "remove")["status"] == "succeeded"
    assert managed.held() == managed.wanted([2, 3])


@each("replace", "sftp", "appflow")
def test_a_mirror_follows_the_segment(managed):
    managed.deliver(users(1, 2, 3), "mirror")
    managed.deliver(users(2, 3, 4), "mirror")
    assert managed.held() == managed.wanted([2, 3, 4])


@each("duplicates", "sftp", "appflow")
def test_people_named_twice_and_shared_addresses_are_there_once(managed):
    managed.uploads.people.append(("u90", "person1@example.com", "+12025550101"))
    receipt = managed.deliver(users(1, 2, 1, 2, 90))
    assert receipt["status"] == "succeeded"
    assert managed.held() == managed.wanted([1, 2])


@each("empty", "sftp", "appflow")
def test_nothing_to_send_sends_nothing(managed):
    manifest = managed.prepare(users(900, 901))
    assert managed.send(manifest)[:1] != ["send"]
    receipt = managed.uploads.receipt(manifest)
    assert (receipt["sent"], receipt["rejected"], receipt["batches"]) == (0, 2, 0)
    assert managed.held() == Counter()


@each("over_rows", "sftp", "appflow")
def test_one_row_too_many_is_another_file(managed, monkeypatch):
    managed.limit(monkeypatch, max_rows=3)
    manifest = managed.prepare(users(1, 2, 3, 4))
    assert [part["rows"] for part in managed.parts(manifest)] == [3, 1]
    managed.send(manifest)
    assert managed.held() == managed.wanted([1, 2, 3, 4])


@each("over_bytes", "sftp", "appflow")
def test_one_byte_too_many_is_another_file(managed, monkeypatch):
    (whole,) = managed.parts(managed.prepare(users(1, 2, 3, 4)))
    managed.limit(monkeypatch, max_bytes=whole["bytes"] - 1)
    manifest = managed.prepare(users(1, 2, 3, 4))
    assert [part["bytes"] < whole["bytes"] for part in managed.parts(manifest)] == [True, True]
    managed.send(manifest)
    assert managed.held() == managed.wanted([1, 2, 3, 4])


@each("cut", "sftp", "appflow")
def test_a_lost_answer_is_asked_again_and_nobody_is_doubled(managed):
    manifest = managed.prepare(users(1, 2))
    if managed.is_flow:
        made = managed.uploads.step("stage_records", manifest)
        managed.service.start_flow({"flowName": made["flow"], "clientToken": made["token"]})
    else:
        made = managed.uploads.step("stage_files", manifest)
        asked = {"ConnectorId": managed.connector_id, "SendFilePaths": made["paths"]}
        managed.service.start_file_transfer({**asked, "RemoteDirectoryPath": made["folder"]})
    assert managed.held() == managed.wanted([1, 2])

    managed.send(manifest)  # its first execution, and so the one that staged

    assert managed.held() == managed.wanted([1, 2])
    if managed.is_flow:
        assert len(managed.service.org.objects["Audience_Member__c"].records) == 2
    else:
        assert len(managed.files()) == 1


@each("consent_denied", "sftp", "appflow")
def test_who_says_no_is_not_sent_and_is_taken_out(managed):
    people = managed.uploads.people
    managed.uploads.people = [(*one, "yes") for one in people]
    managed.deliver(users(1, 2, 3), "mirror")
    managed.uploads.people = [(*one, "no" if one[0] == "u1" else "yes") for one in people]
    receipt = managed.deliver(users(1, 2, 3), "mirror")
    assert receipt["reject_reasons"] == {"consent_denied": 1}
    assert managed.held() == managed.wanted([2, 3])


@each("held_back", "sftp", "appflow")
@pytest.mark.parametrize("guards", [{"mode": "mirror", "fuse": 0.5}, {"mode": "add", "minimum": 30}])
def test_what_a_guard_holds_back_keeps_nobody_who_said_no(managed, guards):
    everybody = [(*one, "yes") for one in managed.uploads.people]
    managed.uploads.people = everybody
    managed.deliver(users(*range(10)), "mirror")
    managed.uploads.people = [(*one[:3], "no" if one[0] == "u1" else "yes") for one in everybody]
    receipt = managed.deliver(users(1, 2, 30), optouts=users(0), **guards)
    assert receipt["status"] == "succeeded"
    assert receipt["reject_reasons"] == {"consent_denied": 1, "held_back": 1}
    assert managed.held() == managed.wanted(range(2, 10))
    assert managed.deliver(users(*range(2, 13)), "mirror", optouts=users(0))["rejected"] == 0
    assert managed.held() == managed.wanted(range(2, 13))


@each("lost_ledger", "sftp", "appflow")
def test_a_copy_stands_in_for_a_lost_ledger_and_without_one_a_person_is_asked(managed):
    managed.deliver(users(*range(10)), "mirror")
    lose(managed, "ledger/")
    managed.deliver(users(*range(2, 12)), "mirror")
    assert managed.held() == managed.wanted(range(2, 12))
    lose(managed, "ledger/", "lists/", "prepared/")
    if find_shape(managed.slug).whole:
        with pytest.raises(DataError, match="shrink from 10 to 2"):
            managed.prepare(users(2, 3), "mirror", fuse=0.5)
    else:
        with pytest.raises(DataError, match=r"(?s)is lost.*left 10 people there.*Or delete the audience"):
            managed.prepare(users(*range(3, 13)), "mirror")
        lose(managed, f"deliveries/{managed.slug}/Action-lovers/audience.json")
    manifest = managed.prepare(users(*range(3, 13)), "mirror", fuse=0.5)
    managed.send(manifest)
    assert managed.held() - managed.wanted(range(2, 12)) == managed.wanted([12])
    assert len(managed.uploads.ledger_text(managed.slug).splitlines()) == 10


def lose(managed, *prefixes):
    for key in (key for prefix in prefixes for key in managed.uploads.keys(prefix)):
        managed.uploads.account.s3.delete_object(Bucket="audience-bucket", Key=key)


@each("below_minimum", "sftp")
def test_too_few_people_are_warned_of_or_not_prepared(managed):
    least = find_shape(managed.slug).minimum
    manifest = managed.prepare(users(*range(least - 1)))
    told = managed.uploads.json(manifest.partition("audience-bucket/")[2])["warnings"]
    assert f"{least - 1:,} of the {least:,} people that {managed.slug} needs at least." in told
    with pytest.raises(DataError, match="would have"):
        managed.prepare(users(*range(least - 1)), minimum=least)


@each("row_rejects", "appflow")
def test_a_refused_record_is_counted_and_the_rest_is_there(managed):
    managed.uploads.people[1] = ("u1", f"{'x' * 60}.{'y' * 60}@example.com", "+12025550101")
    receipt = managed.deliver(users(1, 2, 3))
    assert (receipt["status"], receipt["sent"], receipt["accepted"], receipt["refused"]) == (
        "partial",
        3,
        2,
        1,
    )
    assert receipt["refused_reasons"] == {"refused by Salesforce": 1}
    assert managed.held() == managed.wanted([2, 3])
    assert "counted but not named" in receipt["platform_says"]["warnings"][0]
    assert len(managed.uploads.keys("work/delivery/salesforce/errors/")) == 1


@each("flow_error", "appflow")
def test_a_run_that_fails_is_told_with_its_reason_and_goes_on_later(managed):
    objects = dict(managed.service.org.objects)
    manifest = managed.prepare(users(1, 2))
    managed.service.org.objects.clear()
    with pytest.raises(SetupError, match="ended with Error") as error:
        managed.send(manifest)
    assert "Audience_Member__c does not exist" in error.value.why
    assert managed.uploads.keys("ledger/") == []
    managed.service.org.objects.update(objects)
    managed.give_up(manifest, error.value)
    managed.send(manifest)
    assert managed.held() == managed.wanted([1, 2])


@each("async_partial", "sftp")
def test_files_that_arrived_are_not_sent_again(managed, monkeypatch):
    managed.limit(monkeypatch, max_rows=2)
    manifest = managed.prepare(users(1, 2, 3))
    outbox = managed.uploads.step("stage_files", manifest)
    first, second = outbox["paths"]
    results = [
        {"FilePath": first, "StatusCode": "COMPLETED"},
        {"FilePath": second, "StatusCode": "FAILED", "FailureCode": "SFTP_ERROR"},
    ]
    with pytest.raises(SetupError, match="1 of 2 files"):
        managed.uploads.step("record_transfer", manifest, results=results)
    assert managed.uploads.step("stage_files", manifest)["paths"] == [second]


@each("async_stuck", "sftp", "appflow")
def test_work_that_never_ends_is_bounded_and_is_no_success(managed):
    machine = "run-flow" if managed.is_flow else "send-files"
    text = (ROOT / f"statemachines/{machine}.asl.json").read_text()
    assert json.loads(text)["TimeoutSeconds"] <= 96 * 3600
    manifest = managed.prepare(users(1))
    if managed.is_flow:
        made = managed.uploads.step("stage_records", manifest)
        name, event = "record_flow", {
            "batch": made["batch"], "flow": made["flow"], "run": {"ExecutionStatus": "InProgress"},
        }  # fmt: skip
    else:
        made = managed.uploads.step("stage_files", manifest)
        results = [{"FilePath": path, "StatusCode": "IN_PROGRESS"} for path in made["paths"]]
        name, event = "record_transfer", {"results": results}
    with pytest.raises(SetupError, match=r"InProgress|did not take") as error:
        managed.uploads.step(name, manifest, **event)
    assert error.value.fix
    assert managed.uploads.keys("ledger/") == []


@each("file_lost", "sftp")
def test_a_file_that_does_not_arrive_is_told_and_sent_when_it_can(managed, monkeypatch):
    manifest = managed.prepare(users(1, 2))
    folder = managed.server.root / "uploads"
    folder.rename(managed.server.root / "gone")
    with pytest.raises(SetupError, match="did not take 1 of 1 files") as error:
        managed.send(manifest)
    assert "SFTP_ERROR" in error.value.why
    assert managed.uploads.keys("ledger/") == []
    (managed.server.root / "gone").rename(folder)
    managed.give_up(manifest, error.value)
    managed.send(manifest)
    assert managed.held() == managed.wanted([1, 2])


@each("login_refused", "sftp")
def test_a_refused_login_is_told_without_its_password(managed):
    managed.connector_id = managed.connector(password="local-other")
    with pytest.raises(SetupError, match="AUTHENTICATION_ERROR") as error:
        managed.send(managed.prepare(users(1)))
    assert "local-other" not in f"{error.value} {error.value.why}"
    assert managed.files() == {}


@each("host_key", "sftp")
def test_a_server_with_another_key_gets_nothing(managed):
    key = asyncssh.generate_private_key("ecdsa-sha2-nistp256").export_public_key("openssh").decode()
    managed.connector_id = managed.connector(host_keys=[" ".join(key.split()[:2])])
    with pytest.raises(SetupError, match="HOST_KEY_ERROR"):
        managed.send(managed.prepare(users(1)))
    assert managed.files() == {}
