"""With IAM enforced, everything that is deployed is used: a function that no run needs has no place here."""

import pytest


@pytest.fixture(scope="session")
def runs(ten_segments, nine_of_ten, not_csv, lost_job, by_spark, by_custom_channel):
    """A run through every stage, and a failure in every stage that records its own."""


def test_every_function_was_called(relay, runs):
    logs, unused = relay.client("logs"), []
    for name, function in relay.of_type("AWS::Lambda::Function").items():
        settings = relay.client("lambda").get_function_configuration(FunctionName=function)
        streams = logs.describe_log_streams(logGroupName=settings["LoggingConfig"]["LogGroup"])["logStreams"]
        unused += [] if streams else [name]
    assert unused == []


def test_every_workflow_ran_and_every_role_belongs_to_something_used(relay, runs):
    workflows = relay.of_type("AWS::StepFunctions::StateMachine")
    assert len(workflows) >= 5
    assert [name for name in workflows if not relay.executions(name)] == []
    owners = {f"{name}Role" for name in [*workflows, *relay.of_type("AWS::Lambda::Function")]}
    services = {"PersonalizeTraining/PersonalizeServiceRole", "PinpointImport/PinpointServiceRole"}
    services |= {"AudiencePreparation/JobRole"}
    assert set(relay.of_type("AWS::IAM::Role")) == owners | services


def test_no_run_left_an_event_unhandled(relay, runs):
    queues = [name for name in relay.of_type("AWS::SQS::Queue") if name.endswith("/UnhandledEvents")]
    assert len(queues) >= 5
    for name in queues:
        attributes = relay.client("sqs").get_queue_attributes(
            QueueUrl=relay.physical(name), AttributeNames=["ApproximateNumberOfMessages"]
        )
        assert attributes["Attributes"]["ApproximateNumberOfMessages"] == "0", name
