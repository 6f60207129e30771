"""Every role has what its step needs and no spare: take one permission away and the run fails, and says so.

Each test gives the permission back; none may run beside another run of the same deployment.
"""

import pytest

from . import films
from .conftest import output_line, upload_training
from .relay import wait_for


def said_in_mail(run):
    """The problems of a run that must not have succeeded, as its mail tells them."""
    assert run.report["status"] in ("failed", "partial")
    assert "failed" in run.mail["subject"] or "problem" in run.mail["subject"]
    start = run.mail["body"].index("PROBLEMS (")
    return run.mail["body"][start:]


PINPOINT, PROFILES = "pinpoint-import", "customer-profiles-import"
SEGMENTS = "SegmentPostprocessing"
STACKS = {PINPOINT: "PinpointImport", PROFILES: "CustomerProfilesImport"}


@pytest.mark.parametrize(
    ("stage", "role", "action", "said"),
    [
        (PINPOINT, "InspectImportFunctionRole", "s3:GetObject", "may not be used"),
        (PINPOINT, "ImportPinpointRole", "mobiletargeting:CreateImportJob", "CreateImportJob"),
        (PINPOINT, "ImportPinpointRole", "iam:PassRole", "iam:PassRole"),
        (PINPOINT, "PinpointServiceRole", "s3:GetObject", "Pinpoint could not import the file"),
        (PROFILES, "PrepareProfilesFunctionRole", "s3:PutObject", "may not be used"),
        (PROFILES, "UploadProfilesFunctionRole", "profile:StartUploadJob", "StartUploadJob"),
    ],
)
def test_an_import_without_a_permission_fails_and_the_mail_says_so(relay, stage, role, action, said):
    key = f"pinpoint/denied-{role}-{action.replace(':', '-')}.csv"
    with relay.without(f"{STACKS[stage]}/{role}", action):
        relay.put("SegmentImportBucket", key, films.endpoints("denied", users=1))
        run = relay.run_of("pinpoint-import", key)
    (result,) = run.stages[stage]
    assert result["status"] == "failed"
    assert said in said_in_mail(run)
    (other,) = [r for r in run.results if r["stage"] != stage]
    assert other["status"] == "succeeded", "what the other service does is not touched"


@pytest.mark.parametrize(
    ("stack", "role", "action", "sid", "said"),
    [
        (SEGMENTS, "SplitSegmentsFunctionRole", "s3:PutObject", "WriteSegments", "AccessDenied"),
        (SEGMENTS, "WriteImportsFunctionRole", "s3:PutObject", "WriteImportFiles", "AccessDenied"),
        (SEGMENTS, "PostprocessSegmentsRole", "personalize:DescribeBatchSegmentJob", None,
         "personalize:DescribeBatchSegmentJob"),
        ("PinpointImport", "PinpointServiceRole", "s3:PutObject", None, "endpoint export of Pinpoint"),
    ],
)  # fmt: skip
def test_post_processing_without_a_permission_fails_and_the_mail_says_so(
    relay, post_process, stack, role, action, sid, said
):
    viewer = films.viewer("films", 1)
    with relay.without(f"{stack}/{role}", action, sid):
        run = post_process(f"denied-{role}", output_line('ITEMS.MOOD = "denied"', viewer))
    assert said in said_in_mail(run)


@pytest.mark.parametrize(
    ("role", "action", "said"),
    [
        ("CheckTrainingFunctionRole", "s3:GetObject", "AccessDenied"),
        ("EnsureResourceFunctionRole", "personalize:CreateBatchSegmentJob", "CreateBatchSegmentJob"),
        ("EnsureResourceFunctionRole", "iam:PassRole", "iam:PassRole"),
        ("PersonalizeServiceRole", "s3:GetObject", "Personalize says"),
        ("BeginTrainingFunctionRole", "s3:PutObject", "AccessDenied"),
    ],
)
def test_training_without_a_permission_fails_and_the_mail_says_so(relay, nine_of_ten, role, action, said):
    folder = f"denied-{role}-{action.partition(':')[2]}"
    with relay.without(f"PersonalizeTraining/{role}", action):
        jobs = [films.job(films.query("Genre01"))]
        upload_training(relay, "unknown", folder, films.config("unknown", nine=jobs))
        run = relay.run_of("personalize-training", folder)
    assert run.report["status"] == "failed"
    assert said in said_in_mail(run)


@pytest.mark.parametrize(
    ("role", "action"), [(None, None), ("PersonalizeServiceRole", "kms:ListGrants")], ids=["key", "role"]
)
def test_a_model_is_not_trained_with_a_key_that_personalize_may_not_use(relay, nine_of_ten, role, action):
    """The key's policy has to name the service, and the role's own policy each action."""
    missing = action or "kms:Decrypt"
    folder = f"denied-{missing.partition(':')[2]}"
    denied = (
        relay.without(f"PersonalizeTraining/{role}", action)
        if role
        else relay.key_without("PersonalizeTrainsOnEncryptedData")
    )
    with denied:
        jobs = [films.job(films.query("Genre01"))]
        upload_training(relay, "unknown", folder, films.config("unknown", nine=jobs))
        run = relay.run_of("personalize-training", folder)
    assert run.report["status"] == "failed"
    assert missing in said_in_mail(run)


def test_without_the_right_to_read_results_a_mail_says_that_there_is_no_report(relay):
    key = "customer-profiles/unreported.csv"
    with relay.without("Observability/CollectRunFunctionRole", "s3:GetObject"):
        relay.put("SegmentImportBucket", key, "User.UserId\nunreported\n")
        (run_id,) = wait_for(lambda: relay.run_ids("customer-profiles-import", key), "the run")
        (mail,) = wait_for(lambda: relay.mails_of(run_id), "the mail")
    assert mail["subject"] == f"Audience Relay: no report for run {run_id}"


def test_an_event_that_nobody_may_handle_waits_in_the_queue_for_unhandled_events(relay):
    key = "customer-profiles/unhandled.csv"
    queue = relay.physical("CustomerProfilesImport/UnhandledEvents")
    with relay.without("CustomerProfilesImport/StartFunctionRole", "states:StartExecution"):
        relay.put("SegmentImportBucket", key, "User.UserId\nunhandled\n")
        (message,) = wait_for(lambda: relay.messages(queue), "the event")
    assert message["requestPayload"]["detail"]["object"]["key"] == key
    assert relay.run_ids("customer-profiles-import", key) == []
