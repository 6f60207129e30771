"""Odd answers of every platform: none becomes a stray exception, and none becomes people who are not there."""

import copy
import json
import random

import pytest
from audiences.delivery.client import Answer
from audiences.errors import AudienceError
from audiences.uploads.drop_client import PlaceExpiredError

from tests.contract.scenarios import GROUPS
from tests.contract.world import World

QUICK, THOROUGH = 200, 2_000
VALUES = (None, True, False, -1, 0, 3, 10**30, 0.5, "", "x", "-1", "<html>", "\ud800", [], [None], {}, [[]])
BODIES = (
    b"", b"null", b"[]", b"{}", b"0", b'"ok"', b"<html><title>Sign in</title></html>",
    b'{"success": false}', b"[" * 100_000, b'{"a":' * 100_000, b"\xff\xfe", b"NaN",
)  # fmt: skip
STATUSES = (100, 202, 204, 302, 307, 400, 401, 403, 404, 409, 418, 429, 500, 503)
RIGHT_WITHOUT_BODY = {"the_trade_desk"}  # storage answers a PUT with 200 alone, and a status may be 404


class Odd:
    """Passes requests on, and changes the answer number `at`."""

    def __init__(self, http, at, change):
        self.http, self.at, self.change, self.seen, self.changed = http, at, change, 0, False

    def send(self, method, url, **options):
        answer = self.http.send(method, url, **options)
        self.seen += 1
        if self.seen - 1 != self.at:
            return answer
        self.changed = True
        return self.change(answer)


def places(value, path=()):
    yield path
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, child in children:
        yield from places(child, (*path, key))


def mutate(answer, rng):
    """Change one thing: the status, the whole body, or one place in it."""
    kind = rng.random()
    if kind < 0.15:
        return Answer(rng.choice(STATUSES), answer.headers, answer.body)
    if kind < 0.3 or not isinstance(answer.json, dict) or not answer.json:
        return Answer(answer.status, answer.headers, rng.choice(BODIES))
    value = copy.deepcopy(answer.json)
    path = rng.choice([one for one in places(value) if one])
    holder = value
    for key in path[:-1]:
        holder = holder[key]
    if rng.random() < 0.3:
        del holder[path[-1]]
    else:
        holder[path[-1]] = rng.choice(VALUES)
    return Answer(answer.status, answer.headers, json.dumps(value).encode())


def drive(client, audience_name, batches):
    """Make every kind of call once; yields what each batch is said to have come to."""
    audience = client.find_audience(audience_name) or client.create_audience(audience_name)
    for batch in batches:
        result = client.send(audience, batch)
        if result.audience_id:
            audience = type(audience)(result.audience_id, audience.name)
        if result.job:
            result = client.poll(audience, result.job, batch.rows)
        if result is not None:
            yield batch, result
    client.describe(audience)


@pytest.fixture(params=GROUPS["api"])
def prepared(request, tmp_path):
    world = World(request.param, tmp_path)
    folder = world.prepare(range(20), "add")
    return world, folder


def batches_of(world, folder):
    found = []
    delivery = world.delivery(folder)
    client = delivery.client
    original = client.send
    client.send = lambda audience, batch: found.append(batch) or original(audience, batch)
    delivery.run()
    return found


def check(prepared, tmp_path, number):
    world, folder = prepared
    batches = batches_of(world, folder)
    assert batches
    rng = random.Random(8)  # the same mutations in every run
    calls = 0
    for attempt in range(number):
        other = World(world.slug, tmp_path / "odd")
        odd = Odd(other.http, attempt % max(calls, 1) if calls else -1, lambda answer: mutate(answer, rng))
        client = type(world.delivery(folder).client)(odd, other.secret, {})
        try:
            for batch, result in drive(client, "Lovers", batches):
                assert 0 <= result.accepted <= batch.rows
                assert 0 <= result.rejected <= batch.rows
                assert result.accepted + result.rejected <= batch.rows
                assert all(0 <= at < batch.rows for at, _ in result.refused)
        except (AudienceError, PlaceExpiredError):
            pass
        calls = max(calls, odd.seen)
    assert calls > len(batches)


def test_an_odd_answer_is_one_of_the_four_errors_or_right_counts(prepared, tmp_path):
    check(prepared, tmp_path, QUICK)


@pytest.mark.slow
def test_thousands_of_odd_answers(prepared, tmp_path):
    check(prepared, tmp_path, THOROUGH)


def test_a_send_whose_body_says_nothing_is_never_accepted(prepared, tmp_path):
    world, folder = prepared
    batches = batches_of(world, folder)
    for body in BODIES:
        other = World(world.slug, tmp_path / "odd")
        client = type(world.delivery(folder).client)(other.http, other.secret, {})
        audience = client.find_audience("Lovers") or client.create_audience("Lovers")
        client.http = Odd(other.http, -1, None)
        client.http.send = lambda *_args, body=body, **_options: Answer(200, {}, body)
        if world.slug in RIGHT_WITHOUT_BODY and not body:
            continue
        with pytest.raises(AudienceError):
            client.send(audience, batches[0])
