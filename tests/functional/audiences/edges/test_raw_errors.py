"""Whatever AWS answers, an edge raises one of the four errors, so that a workflow can act and a mail can say why."""

import boto3
import pytest
from audiences.edges import appflow, customer_profiles
from audiences.errors import AudienceError, RetryLater

CALLS = {
    "make_flow": ("appflow", lambda: appflow.make_flow("model", "flow", "prefix")),
    "delete_flow": ("appflow", lambda: appflow.delete_flow("flow")),
    "ensure_segment": ("customer-profiles", lambda: customer_profiles.ensure_segment("d", "s", "about")),
    "start_estimate": ("customer-profiles", lambda: customer_profiles.start_estimate("d", "s")),
    "get_estimate": ("customer-profiles", lambda: customer_profiles.get_estimate("d", "e")),
    "get_upload_job": ("customer-profiles", lambda: customer_profiles.get_upload_job("d", "j")),
}
CODES = ["AccessDeniedException", "ThrottlingException", "ValidationException", "UnheardOfException"]


@pytest.fixture
def answering(monkeypatch):
    """Let every call of a service end with one error code."""

    def answer(service, code):
        real = boto3.client(
            service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
        )

        def refuse(model, **_):
            raise real.exceptions.from_code(code)({"Error": {"Code": code, "Message": "no"}}, model.name)

        real.meta.events.register_first("before-call", refuse)
        module = appflow if service == "appflow" else customer_profiles
        monkeypatch.setattr(module, "client", lambda _: real)

    return answer


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("name", CALLS)
def test_no_error_of_aws_gets_through(answering, name, code):
    service, call = CALLS[name]
    answering(service, code)
    with pytest.raises(AudienceError) as raised:
        call()
    assert isinstance(raised.value, RetryLater) == (code == "ThrottlingException")


def test_a_flow_that_runs_is_deleted_later_and_one_that_is_gone_is_deleted(answering):
    answering("appflow", "ConflictException")
    with pytest.raises(RetryLater):
        appflow.delete_flow("flow")
    answering("appflow", "ResourceNotFoundException")
    appflow.delete_flow("flow")
