"""What a function logs and raises quotes nobody, keeps its kind, and says where it broke."""

import json
import traceback
from io import StringIO

import pytest
from audiences.edges.entry import entry, make_logger
from audiences.errors import AudienceError, DataError, RetryLater, SetupError
from audiences.failures import from_caught
from botocore.exceptions import ClientError

from tests.functional.pretended_aws import Context

PLANTED = ("planted@example.com", "+49 171 5550199", "0171 5550199", "ab" * 32, "Bearer plantedToken0199")


class SpecialError(SetupError):
    pass


def raised(error):
    @entry(make_logger())
    def handler(_event, _context):
        raise error

    with pytest.raises((AudienceError, Exception), match=r"\w") as caught:
        handler({}, Context())
    shown = "".join(traceback.format_exception(caught.value))
    assert not [planted for planted in PLANTED if planted in shown]
    assert caught.value.__cause__ is None
    assert "in handler" in shown
    return caught.value


@pytest.mark.parametrize("kind", [SetupError, DataError, RetryLater])
def test_our_errors_leave_with_their_parts_masked(kind):
    told = raised(kind(f"It broke on {PLANTED[0]}.", f"It has {PLANTED[1]}.", "Do this."))
    assert type(told) is kind
    assert (
        told.as_failure()
        == kind("It broke on [e-mail removed].", "It has [phone removed].", "Do this.").as_failure()
    )


def test_a_special_case_leaves_as_one_of_the_four_and_the_wait_is_kept():
    assert type(raised(SpecialError("It broke."))) is SetupError
    assert raised(RetryLater("Busy.", retry_after=7)).retry_after == 7


def test_another_exception_leaves_with_its_class_only():
    told = raised(KeyError(PLANTED))
    assert type(told).__name__ == "KeyError"
    chained = ValueError(PLANTED[3])
    chained.__cause__ = KeyError(PLANTED[0])
    assert type(raised(chained)).__name__ == "ValueError"


def test_a_refusal_of_aws_says_which_and_reaches_the_mail():
    told = raised(ClientError({"Error": {"Code": "AccessDenied", "Message": PLANTED[0]}}, "PutObject"))
    cause = json.dumps({"errorMessage": str(told), "errorType": type(told).__name__})
    assert (
        from_caught({"Error": "ClientError", "Cause": cause})["why"]
        == "AWS answered AccessDenied to PutObject."
    )


def test_logs_are_masked_wherever_the_text_is():
    logger = make_logger()
    stream = StringIO()
    logger.registered_handler.setStream(stream)
    logger.append_keys(run_id="20261122-101500-ab12cd", who=PLANTED[0])
    logger.info(
        "About %s", PLANTED[1], extra={"rows": [PLANTED[2], {PLANTED[3]: 1}], "object": StringIO, "count": 7}
    )
    try:
        raise ValueError(PLANTED[4])
    except ValueError:
        logger.exception("It broke.")
    logged = stream.getvalue()
    assert not [planted for planted in PLANTED if planted in logged]
    first, second = (json.loads(line) for line in logged.splitlines())
    assert (first["run_id"], first["count"], second["level"]) == ("20261122-101500-ab12cd", 7, "ERROR")
