"""Single people from a queue: whatever one message holds, the others are read as they are."""

import json

import pytest
from audiences.delivery.records import Record, gather
from audiences.errors import DataError
from audiences.preparation.tables import read_table


def message(user, email, **more):
    return json.dumps(
        {"audience": "A", "operation": "add", "user_id": user, "identifiers": {"email": email}, **more}
    )


@pytest.mark.parametrize(
    "odd", ["a\rb", "a\nb", 'a"b', "a;b|c\td", "\ud800", "\0", "sep=;", "\u2028", "<html>", "PK\x03\x04"]
)
def test_an_odd_value_stays_in_its_own_row(odd):
    bodies = [message(odd, odd), message("2", "b@example.com")]
    (group,) = gather((str(number), Record.read(body)) for number, body in enumerate(bodies))
    for source, first in ((group.segment(), ["2"]), (group.identities(), ["2", "b@example.com"])):
        (chunk,) = read_table(source).chunks
        assert first in chunk.rows
        assert len(chunk.rows) + len(chunk.ragged) == 2


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000,
        message("1", "a@example.com")[:-1] + ', "user_id": "2"}',
        message("1", "a@example.com", consent={"": "yes"}),
        message("1", "a@example.com", consent={" ads": "yes", "ads": "no"}),
    ],
)
def test_a_message_that_could_be_read_in_two_ways_is_unusable(body):
    with pytest.raises(DataError, match="cannot be used"):
        Record.read(body)
