import json

import pytest
from audiences.errors import SetupError
from audiences.uploads.members import membership_key


def records(service):
    return service.org.objects["Audience_Member__c"].records


def deliver(uploads, service, manifest, key="execution-1"):
    """Run the steps of run-flow; returns (names of the steps, last answer)."""
    path = []
    for _ in range(20):
        flow = uploads.step("stage_records", manifest, key)
        path.append("stage_records")
        if flow["next"] == "finish":
            break
        run = service.start_flow({"flowName": flow["flow"], "clientToken": flow["token"]})["executionId"]
        told = service.describe_flow_execution_records({"flowName": flow["flow"]})["flowExecutions"]
        (execution,) = [pascal(one) for one in told if one["executionId"] == run]
        uploads.step("record_flow", manifest, key, batch=flow["batch"], flow=flow["flow"], run=execution)
        path += ["run", "record_flow"]
    return [*path, "write_receipt"], uploads.step("write_receipt", manifest, key)


def pascal(value):
    """Return an answer with Step Functions' member names."""
    if isinstance(value, dict):
        return {name[0].upper() + name[1:]: pascal(item) for name, item in value.items()}
    return value


def test_members_arrive_in_salesforce(uploads, flow):
    manifest = uploads.prepare("salesforce", ["u1", "u2"], fields=("email", "phone"))

    path, told = deliver(uploads, flow, manifest)

    assert path == ["stage_records", "run", "record_flow", "stage_records", "write_receipt"]
    assert told == {"status": "succeeded"}
    found = {record["Email__c"]: record for record in records(flow).values()}
    assert set(found) == {"person1@example.com", "person2@example.com"}
    assert found["person1@example.com"]["Status__c"] == "Member"
    assert found["person1@example.com"]["Audience__c"] == "Action lovers"
    assert list(flow.flows) == ["relay-members"]
    data = uploads.result()["data"]
    assert (data["sent"], data["accepted"], data["refused"]) == (2, 2, 0)
    assert uploads.keys("work/") == []


def test_who_leaves_is_marked_as_removed(uploads, flow):
    deliver(uploads, flow, uploads.prepare("salesforce", ["u1", "u2"], mode="mirror"))
    uploads.settle("salesforce")
    later = uploads.prepare("salesforce", ["u2", "u3"], mode="mirror", run="20261123-090000-abc124")

    deliver(uploads, flow, later, "execution-2")

    states = {record["Email__c"]: record["Status__c"] for record in records(flow).values()}
    assert states == {
        "person1@example.com": "Removed",
        "person2@example.com": "Member",
        "person3@example.com": "Member",
    }


def test_records_that_salesforce_refuses_are_counted_and_kept(uploads, flow, account):
    flow.org.objects["Audience_Member__c"].fields["Phone__c"].__dict__["most"] = 3
    manifest = uploads.prepare("salesforce", ["u1", "u2", "u3"], fields=("email", "phone"))

    _, told = deliver(uploads, flow, manifest)

    receipt = uploads.receipt(manifest)
    assert told == {"status": "failed"}
    assert (receipt["sent"], receipt["accepted"], receipt["refused"]) == (3, 0, 3)
    assert receipt["refused_reasons"] == {"refused by Salesforce": 3}
    assert len(uploads.keys("work/delivery/salesforce/errors/")) == 1


def test_a_repeated_start_finds_the_first_run(uploads, flow):
    manifest = uploads.prepare("salesforce", ["u1"])
    made = uploads.step("stage_records", manifest)
    first = flow.start_flow({"flowName": made["flow"], "clientToken": made["token"]})["executionId"]

    again = uploads.step("stage_records", manifest)

    assert again == made
    assert flow.start_flow({"flowName": made["flow"], "clientToken": made["token"]})["executionId"] == first


def test_a_bucket_that_is_closed_to_appflow_fails_the_delivery(uploads, flow, account):
    account.s3.delete_bucket_policy(Bucket=account.bucket)

    with pytest.raises(SetupError, match="no policy that lets Amazon AppFlow in"):
        deliver(uploads, flow, uploads.prepare("salesforce", ["u1"]))


def test_a_connection_that_is_gone_says_so(uploads, flow):
    flow.profiles.clear()

    with pytest.raises(SetupError, match="Connector profile crm"):
        uploads.step("stage_records", uploads.prepare("salesforce", ["u1"]))


def test_the_key_of_a_membership_tells_audiences_apart():
    one, other = membership_key("a", ["x@example.com"]), membership_key("b", ["x@example.com"])

    assert one != other
    assert membership_key("a", ["", "u1"]) == membership_key("a", ["u1"])
    assert len(json.dumps(one)) == 66
