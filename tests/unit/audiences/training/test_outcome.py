"""The result behind the mail: what is promised, what failed and why, whatever the error looked like."""

import json

import pytest
from audiences.errors import SetupError
from audiences.training.ensure import Record
from audiences.training.outcome import final_result, pending_result, read_failure
from audiences.training.prepare import prepare

from .conftest import ACCOUNT, MemoryStore, uploaded


@pytest.fixture
def plan(config, run):
    jobs = config["solutions"][0]["batchSegmentJobs"]
    jobs += [{"serviceConfig": {}}, {"serviceConfig": {}}]
    return prepare(run, ACCOUNT, MemoryStore(uploaded(config)), 1 << 30)


def records_of(plan, **statuses):
    """Return records: active, but for jobs by number (`job2="CREATE FAILED"`)."""
    records = {identity: Record("arn", "ACTIVE") for identity in plan.resources}
    for name, status in statuses.items():
        job = plan.segment_jobs[int(name.removeprefix("job")) - 1]
        event = {
            "resource": "Batch Segment Job",
            "arn": job,
            "status": status,
            "at": "2026-11-22T10:30:00+00:00",
        }
        if status == "CREATE FAILED":
            event["failure_reason"] = "No such item."
        records[job] = Record("arn", status, [event])
    return records


def lambda_error(error, message, **more):
    cause = json.dumps({"errorMessage": message, "errorType": error, "stackTrace": ["line"]})
    return read_failure({"Error": error, "Cause": cause, **more})


def test_the_pending_result_promises_each_segment_job(run, plan):
    result = pending_result(run, plan)
    assert result.status == "pending"
    assert result.expects == [["segment-postprocessing", name] for name in plan.job_names]
    assert len(result.expects) == 3
    assert result.data["interactions"] == 1200
    assert pending_result(run).name == result.name == "shop"


def test_success(run, plan):
    result = final_result(run, plan, records_of(plan), [])
    assert (result.status, result.failure) == ("succeeded", None)
    assert result.data["segment_jobs"] == plan.job_names


def test_one_failed_job_does_not_take_the_others_along(run, plan):
    failures = [
        lambda_error("SetupError", "ended as CREATE FAILED. No such item.", resource=plan.segment_jobs[1])
    ]
    result = final_result(run, plan, records_of(plan, job2="CREATE FAILED"), failures)
    assert result.status == "partial"
    good = [plan.job_names[0], plan.job_names[2]]
    assert result.data["segment_jobs"] == good
    assert result.expects == [["segment-postprocessing", name] for name in good]
    assert result.failure["what"] == "1 of 3 segment jobs failed."
    assert plan.job_names[1] in result.failure["why"]
    assert "No such item." in result.failure["why"]


def test_when_all_jobs_fail_the_run_failed(run, plan):
    statuses = {f"job{number}": "CREATE FAILED" for number in (1, 2, 3)}
    failures = [lambda_error("SetupError", "x", resource=job) for job in plan.segment_jobs]
    result = final_result(run, plan, records_of(plan, **statuses), failures)
    assert result.status == "failed"
    assert result.expects == []


def test_a_failed_solution_is_the_reason_and_withdraws_its_jobs(run, plan):
    records = {identity: Record() for identity in plan.resources}
    failures = [
        lambda_error("SetupError", "Solution affinity ended as CREATE FAILED.", resource="solution/affinity")
    ]
    result = final_result(run, plan, records, failures)
    assert result.status == "failed"
    assert "Solution affinity" in result.failure["what"]
    assert result.expects == []
    assert all("not begun" in job["reason"] for job in result.data["failed_segment_jobs"])


def test_a_failure_before_the_plan(run):
    result = final_result(run, None, {}, [lambda_error("DataError", "config.json has 2 problems: …")])
    assert result.status == "failed"
    assert result.failure == {
        "error": "DataError",
        "what": "config.json has 2 problems: …",
        "why": "",
        "fix": "Correct the cause and upload the configuration again.",
    }
    assert result.data["dataset_group"] == "shop"


def test_waiting_for_files_in_vain_is_an_error_of_the_data():
    failure = lambda_error("RetryLater", "Not in the bucket yet: train/shop/items.csv.", waiting_for="files")
    assert failure.error == "DataError"
    assert "train/shop/items.csv" in failure.why


def test_the_services_reason_goes_before_a_bare_workflow_error(run, plan):
    records = records_of(plan, job1="CREATE FAILED")
    bare = read_failure({"Error": "States.ExceedToleratedFailureThreshold", "Cause": ""})
    assert "No such item." in final_result(run, plan, records, [bare]).failure["why"]


def test_what_why_and_next_of_a_state_reach_the_run(run):
    error = SetupError("The role is missing.", "It was deleted.", "Deploy again.")
    result = final_result(run, None, {}, [lambda_error("SetupError", str(error))])
    assert result.failure == error.as_failure()


def test_a_failed_job_keeps_its_own_next_step(run, plan):
    error = SetupError("The job ended.", "Personalize says: No such item.", "Name another item.")
    failures = [lambda_error("SetupError", str(error), resource=plan.segment_jobs[1])]
    told = final_result(run, plan, records_of(plan, job2="CREATE FAILED"), failures).failure
    assert told["why"] == f"{plan.job_names[1]}: The job ended. Personalize says: No such item."
    assert told["fix"] == "Name another item."


def test_an_unexpected_exception_is_not_quoted(run):
    result = final_result(run, None, {}, [lambda_error("KeyError", "'one@example.com'")])
    assert "example.com" not in str(result.as_json())
    assert result.failure["error"] == "KeyError"
