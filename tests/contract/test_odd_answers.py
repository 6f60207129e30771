"""Odd answers of every platform: none becomes a stray exception, and none becomes people who are not there."""

import copy
import dataclasses
import itertools
import json
import random

import pytest
from audiences.delivery import find_uploader
from audiences.delivery.client import Answer
from audiences.errors import AudienceError
from audiences.uploads.drop_client import PlaceExpiredError

from tests.contract.scenarios import GROUPS, each
from tests.contract.world import World

QUICK, THOROUGH = 200, 2_000
VALUES = (None, True, False, -1, 0, 3, 10**30, 0.5, "", "x", "-1", "<html>", "\ud800", [], [None], {}, [[]])
NO_IDS = (None, True, -1, 0.5, "", "<html>", "\ud800", [], {})
BODIES = (
    b"", b"null", b"[]", b"{}", b"0", b'"ok"', b"<html><title>Sign in</title></html>",
    b'{"success": false}', b"[" * 100_000, b'{"a":' * 100_000, b"\xff\xfe", b"NaN",
)  # fmt: skip
CHECKED = b"{}"  # Google of a request that was only checked: "only errors are returned, not results"
STATUSES = (100, 202, 204, 302, 307, 400, 401, 403, 404, 409, 418, 429, 500, 503)


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
        # Another id that looks like one is another thing: nobody can see that from an answer.
        holder[path[-1]] = rng.choice(NO_IDS if path[-1] == "id" else VALUES)
    return Answer(answer.status, answer.headers, json.dumps(value).encode())


def again(batch, operation):
    """Return the batch as another operation's: a client reads the same part for each."""
    if operation == "clear":
        return dataclasses.replace(
            batch, operation="clear", rows=0, total_rows=0, read=lambda: b"", number=1, of=1
        )
    return dataclasses.replace(batch, operation=operation, session=batch.session + len(operation))


def operations_of(slug):
    """Return what the engine asks of the platform's client."""
    replace = find_uploader(slug).replace
    return (
        "add",
        *{"session": ("replace",), "first_batch": ("replace",), "": ()}.get(replace, ("clear",)),
        "remove",
    )


class Driven:
    """One walk through every kind of call of a client; `at` is the step that is under way."""

    def __init__(self, client, slug):
        self.client, self.slug, self.at = client, slug, None

    def walk(self, batches):
        """Yield (step, batch, result) of everything that the platform is said to have done."""
        client, self.at = self.client, "open"
        audience = client.find_audience("Lovers") or client.create_audience("Lovers")
        for operation in operations_of(self.slug):
            for batch in [
                again(batch, operation) for batch in batches[: 1 if operation == "clear" else None]
            ]:
                self.at = f"{operation} {batch.entry}"
                if operation == "add" and find_uploader(self.slug).validates:
                    self.at = f"validate {batch.entry}"
                    yield self.at, batch, client.validate(audience, batch)
                    self.at = f"{operation} {batch.entry}"
                result = client.send(audience, batch)
                if result.audience_id:
                    audience = type(audience)(result.audience_id, audience.name)
                job = result.job
                if job:
                    result = client.poll(audience, job, batch.rows) or client.poll(audience, job, batch.rows)
                if job and result is None:
                    result = client.overdue(audience, job, batch.rows)
                if result is not None:
                    yield self.at, batch, result
        self.at = "describe"
        client.describe(audience)


@pytest.fixture(params=GROUPS["api"])
def prepared(request, tmp_path):
    world = World(request.param, tmp_path)
    return world, world.prepare(range(20), "add")


def batches_of(world, folder):
    found = []
    delivery = world.delivery(folder)
    client = delivery.client
    original = client.send
    client.send = lambda audience, batch: found.append(batch) or original(audience, batch)
    delivery.run()
    return found


def odd_walk(world, folder, tmp_path, odd_at, change):
    """Return the wire and the walk of a client whose answer number `odd_at` is changed."""
    other = World(world.slug, tmp_path / "odd")
    odd = Odd(other.http, odd_at, change)
    return odd, Driven(type(world.delivery(folder).client)(odd, other.secret, {}), world.slug)


def is_right(batch, result):
    return (
        0 <= result.accepted <= batch.rows
        and 0 <= result.rejected <= batch.rows
        and result.accepted + result.rejected == batch.rows
        and all(0 <= at < batch.rows for at, _ in result.refused)
        and len(result.refused) <= result.rejected
        and all(count >= 0 for count in result.reasons.values())
    )


def check(prepared, tmp_path, number):
    world, folder = prepared
    batches = batches_of(world, folder)
    assert batches
    rng = random.Random(8)  # the same mutations in every run
    calls, ended = 0, 0
    for attempt in range(number):
        at = attempt % calls if calls else -1
        odd, driven = odd_walk(world, folder, tmp_path, at, lambda answer: mutate(answer, rng))
        try:
            for _, batch, result in driven.walk(batches):
                assert is_right(batch, result)
            ended += 1
        except (AudienceError, PlaceExpiredError):
            pass
        calls = max(calls, odd.seen)
    assert calls > len(batches) * len(operations_of(world.slug))
    assert ended  # the walk itself comes to its end


def test_an_odd_answer_is_one_of_the_four_errors_or_right_counts(prepared, tmp_path):
    check(prepared, tmp_path, QUICK)


@pytest.mark.slow
def test_thousands_of_odd_answers(prepared, tmp_path):
    check(prepared, tmp_path, THOROUGH)


def test_a_call_whose_answer_says_nothing_is_never_taken_for_done(prepared, tmp_path):
    """Every call of every operation, each with every body and status that confirms nothing."""
    world, folder = prepared
    batches = batches_of(world, folder)
    odd, driven = odd_walk(world, folder, tmp_path, -1, None)
    list(driven.walk(batches))
    answers = [*((200, body) for body in BODIES), *((status, b"{}") for status in STATUSES)]
    for at in range(odd.seen):
        for status, body in answers:
            odd, driven = odd_walk(world, folder, tmp_path, at, lambda _, s=status, b=body: Answer(s, {}, b))
            try:
                for step, batch, result in driven.walk(batches):
                    # The changed answer is the platform's last word on this step: it cannot have done anything.
                    checked = step.startswith("validate") and status < 300 and body == CHECKED
                    assert checked or odd.seen - 1 != at, f"{step}: {status} {body[:40]!r} is {result}"
                    assert is_right(batch, result)
            except (AudienceError, PlaceExpiredError):
                continue


@pytest.mark.parametrize("value", ["SOMETHING_NEW", -1, "-1", None])
@pytest.mark.parametrize("call", ["send", "poll"])
def test_a_state_nobody_knows_and_a_count_nobody_can_have_end_nothing(prepared, tmp_path, call, value):
    """Each value of a last word, changed alone, leaves the counts as they are, or the word is not believed."""
    world, folder = prepared
    (batch, *_) = batches_of(world, folder)
    other = World(world.slug, tmp_path / "odd")
    client = type(world.delivery(folder).client)(other.http, other.secret, {})
    audience = client.find_audience("Lovers") or client.create_audience("Lovers")
    for operation in operations_of(world.slug):
        sessions = itertools.count(len(operation) * 1_000)

        def send(operation=operation, sessions=sessions, audience=audience):
            one = dataclasses.replace(again(batch, operation), session=next(sessions))
            return client.send(audience, one)

        sent = send()
        audience = type(audience)(sent.audience_id or audience.id, audience.name)

        def ask(send=send, sent=sent, audience=audience):
            return send(audience=audience) if call == "send" else client.poll(audience, sent.job, batch.rows)

        if call == "poll" and not sent.job:
            continue
        while ask() is None:
            pass
        before = len(other.http.answered)
        right, last = ask(), other.http.answered[-1]
        number = len(other.http.answered) - before
        for path in [one for one in places(last.json) if one]:
            client.http = Odd(other.http, number - 1, lambda _, at=path, of=last: changed_at(of, at, value))
            try:
                found = ask()
            except AudienceError:
                continue
            finally:
                client.http = other.http
            assert found is None or counts(found) == counts(right), (operation, path)


def counts(result):
    return result.accepted, result.rejected


def changed_at(answer, path, value):
    body = copy.deepcopy(answer.json)
    holder = body
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return Answer(answer.status, answer.headers, json.dumps(body).encode())


def deliver_oddly(slug, folder, rng, number):
    """Deliver a list, then a mirror of another with odd answers, then redrive: what counts is what is held."""
    world = World(slug, folder)
    world.deliver(range(20))
    before = len(world.http.sent)
    world.deliver(range(5, 20))
    calls = len(world.http.sent) - before
    ended = 0
    for attempt in range(number):
        world = World(slug, folder / str(attempt))
        world.deliver(range(20))
        made = world.prepare(range(5, 25))
        clean, world.http = world.http, Odd(world.http, attempt % calls, lambda answer: mutate(answer, rng))
        try:
            receipt = world.delivery(made, attempts=3).run().receipt
        except AudienceError:
            world.http = clean
            try:
                receipt = world.delivery(made).run().receipt
            except AudienceError:
                continue  # a person is asked
        assert receipt["accepted"] + receipt["refused"] == receipt["sent"]
        assert receipt["received"] == sum(
            receipt[one] for one in ("sent", "rejected", "unchanged", "suppressed")
        )
        warned = receipt["platform_says"].get(
            "warnings"
        )  # of people to take out whom the platform does not know
        assert receipt["status"] != "succeeded" or world.holds(range(5, 25)) or warned, attempt
        ended += receipt["status"] == "succeeded"
    assert ended


@pytest.mark.parametrize("slug", GROUPS["api"])
def test_a_receipt_that_says_succeeded_is_what_the_platform_holds(slug, tmp_path):
    deliver_oddly(slug, tmp_path, random.Random(9), 24)


@pytest.mark.slow
@pytest.mark.parametrize("slug", GROUPS["api"])
def test_hundreds_of_odd_deliveries(slug, tmp_path):
    deliver_oddly(slug, tmp_path, random.Random(10), 400)


@each("async_stuck")
def test_a_job_that_goes_on_is_not_ended_by_a_word_nobody_knows(world):
    batch = batches_of(world, world.prepare(range(20), "add"))[0]
    world.stand_in.misbehave("async_stuck", times=0)
    client = world.delivery(world.prepare(range(20, 40), "add")).client
    audience = client.find_audience("Lovers") or client.create_audience("Lovers")  # Amazon lists none
    sent = client.send(audience, dataclasses.replace(batch, session=77))
    clean = world.http
    assert client.poll(audience, sent.job, batch.rows) is None
    last = clean.answered[-1]
    for path in [one for one in places(last.json) if one]:
        for value in ("SOMETHING_NEW", "", None, 7, -1, True, []):
            client.http = Odd(clean, 0, lambda _, at=path, to=value: changed_at(last, at, to))
            try:
                found = client.poll(audience, sent.job, batch.rows)
            except AudienceError:
                continue
            assert found is None or (path[-1], value) == ("is_valid", True), (
                path,
                value,
            )  # TikTok's own word
