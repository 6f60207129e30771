import pytest
from audiences.uploads import stepwise

ENDS_WELL = ["Write the receipt", "Was anybody accepted?", "Audience is delivered"]


def test_a_drop_goes_through_every_step(run, uploads, platform):
    desk = platform("the_trade_desk")

    status, entered = run("upload-audience", uploads.prepare("the_trade_desk", ["u1", "u2"]))

    assert status == "SUCCEEDED"
    assert entered[:6] == [
        "Find or create the segment", "What comes next?", "Get a place to drop the data", "What comes next?",
        "Publish the data", "What comes next?",
    ]  # fmt: skip
    assert entered[6:8] == ["Wait for the platform", "Check the platform's work"]
    assert entered[-3:] == ENDS_WELL
    assert len(next(iter(desk.audiences.values())).members) == 2


def test_an_expired_address_is_asked_for_again(run, uploads, platform):
    platform("the_trade_desk").misbehave("drop_url_expired")

    status, entered = run("upload-audience", uploads.prepare("the_trade_desk", ["u1"]))

    assert status == "SUCCEEDED"
    assert entered.count("Get a place to drop the data") == 2


@pytest.mark.parametrize("slug", ["tiktok", "amazon"])
def test_other_platforms_take_the_same_way(run, uploads, platform, slug):
    stand_in = platform(slug)

    status, entered = run("upload-audience", uploads.prepare(slug, ["u1", "u2"]))

    assert status == "SUCCEEDED"
    assert entered[-3:] == ENDS_WELL
    assert len(next(iter(stand_in.audiences.values())).members) == 2


@pytest.mark.parametrize(
    "step", ["ensure_segment", "open_drop", "publish_data", "check_upload", "write_receipt"]
)
def test_a_step_whose_answer_is_lost_is_repeated_and_sends_nothing_twice(run, uploads, platform, step):
    desk = platform("the_trade_desk")
    run.broken[step] = True

    status, _ = run("upload-audience", uploads.prepare("the_trade_desk", ["u1"]))

    assert status == "SUCCEEDED"
    assert len(desk.audiences) == 1
    assert sum(request["method"] == "PUT" for request in desk.requests) == 1


def test_work_that_never_ends_fails_with_its_reason(run, uploads, platform, monkeypatch):
    platform("the_trade_desk").misbehave("async_stuck")
    look = stepwise.look

    def later(delivery, audience, name):
        delivery.patience.clock = lambda: __import__("time").time() + 25 * 3600
        delivery.patience.deadline = float("inf")
        look(delivery, audience, name)

    monkeypatch.setattr(stepwise, "look", later)
    status, entered = run("upload-audience", uploads.prepare("the_trade_desk", ["u1"]))

    assert status == "FAILED"
    assert entered[-2:] == ["Write what went wrong", "Audience is not delivered"]
    result = uploads.result()
    assert result["status"] == "failed"
    assert "does not end" in result["failure"]["why"]


def test_a_refused_token_fails_at_once(run, uploads, platform):
    platform("tiktok").misbehave("forbidden", times=0)

    status, entered = run("upload-audience", uploads.prepare("tiktok", ["u1"]))

    assert status == "FAILED"
    assert entered == ["Find or create the segment", "Write what went wrong", "Audience is not delivered"]
    assert uploads.result()["failure"]["error"] == "SetupError"


def test_files_reach_an_sftp_server(run, uploads, connector, server):
    manifest = uploads.prepare("liveramp", ["u1", "u2"], mode="mirror")

    status, entered = run("send-files", manifest, ConnectorId=connector())

    assert status == "SUCCEEDED"
    assert entered == [
        "Put the files in the outbox", "Is there a file to send?", "Send the files", "Wait for the transfer",
        "Look at the transfer", "Is the transfer over?", "Note what arrived", "Put the files in the outbox",
        "Is there a file to send?", *ENDS_WELL,
    ]  # fmt: skip
    assert len(list((server.root / "uploads" / "Action-lovers").iterdir())) == 1


def test_a_server_that_refuses_the_login_fails_the_delivery(run, uploads, connector):
    manifest = uploads.prepare("liveramp", ["u1"], mode="mirror")

    status, entered = run("send-files", manifest, ConnectorId=connector(password="local-other-password"))

    assert status == "FAILED"
    assert entered[-3:] == ["Note what arrived", "Write what went wrong", "Audience is not delivered"]
    assert "AUTHENTICATION_ERROR" in uploads.result()["failure"]["why"]


def test_members_reach_salesforce(run, uploads, flow):
    status, entered = run("run-flow", uploads.prepare("salesforce", ["u1", "u2"]))

    assert status == "SUCCEEDED"
    assert entered[:7] == [
        "Write the records", "Is there a flow to run?", "Start the flow", "Wait for the flow",
        "Look at the flow", "Is the flow over?", "Note what was written",
    ]  # fmt: skip
    assert entered[-3:] == ENDS_WELL
    assert len(flow.org.objects["Audience_Member__c"].records) == 2


def test_an_object_that_is_not_there_fails_the_delivery(run, uploads, flow):
    flow.org.objects.clear()

    status, _ = run("run-flow", uploads.prepare("salesforce", ["u1"]))

    assert status == "FAILED"
    assert "Audience_Member__c does not exist" in uploads.result()["failure"]["why"]
