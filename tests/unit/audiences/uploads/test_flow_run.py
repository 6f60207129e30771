"""How a flow ended is read from what AppFlow says of it, and from what it does not say."""

import pytest
from audiences.errors import SetupError
from audiences.uploads.flow_run import read_run


def test_a_run_that_appflow_never_listed_is_told_as_not_seen():
    with pytest.raises(SetupError) as raised:
        read_run({}, 3)
    told = raised.value.as_failure()
    assert "None" not in told["what"]
    assert "six hours" in told["what"]
    assert "run history" in told["fix"]


def test_refused_records_are_counted_and_never_more_than_were_sent():
    run = {
        "ExecutionStatus": "Successful",
        "ExecutionResult": {"RecordsProcessed": 2, "ErrorInfo": {"PutFailuresCount": 9}},
    }
    result = read_run(run, 3)
    assert (result.accepted, result.rejected) == (0, 3)
