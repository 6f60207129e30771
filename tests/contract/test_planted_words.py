"""A platform that quotes people in its answers: no word of it is in an error, a journal, a receipt or a reject."""

import json
import traceback

import pytest
from audiences.delivery.client import Answer
from audiences.edges.safe import safe
from audiences.errors import AudienceError
from audiences.uploads.drop_client import PlaceExpiredError

from tests.contract.scenarios import each
from tests.contract.world import World
from tests.planted import SENTENCE, TOKEN, traces_in

FIELDS = (
    "message", "Message", "error_description", "error_user_msg", "detail", "details", "debug_message", "title",
    "display_message", "reason", "code", "status", "error", "msg", "description", "ErrorCode", "error_msg",
)  # fmt: skip
PLANTED = dict.fromkeys(FIELDS, SENTENCE)
REFUSALS = (
    PLANTED,
    {"error": PLANTED},
    {"errors": [PLANTED], "Errors": [PLANTED]},
    {"request_status": "ERROR", "sub_request_status": "ERROR", "segments": [PLANTED], **PLANTED},
    {"code": 40002, "message": SENTENCE, "data": PLANTED},
    {"success": False, "message": SENTENCE},
    [PLANTED],
)
STATUSES = (200, 202, 302, 400, 401, 403, 404, 409, 413, 422, 429, 500, 503)


class Quoting:
    """Passes requests on; the answer number `at` is another."""

    def __init__(self, http, at, change):
        self.http, self.at, self.change, self.seen = http, at, change, 0

    def send(self, method, url, **options):
        answer = self.http.send(method, url, **options)
        self.seen += 1
        return self.change(answer) if self.seen - 1 == self.at else answer


def planted(value, key=""):
    """Return the answer with every text in it replaced, but those that programs read."""
    if isinstance(value, dict):
        return {name: planted(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [planted(item, key) for item in value]
    free = isinstance(value, str) and (" " in value or "reason" in key.lower() or "message" in key.lower())
    return SENTENCE if free else value


def told_by(world, folder, at, change):
    """Deliver with one answer changed; return every word of it, and how many answers there were."""
    other = World(world.slug, world.folder / "other")
    delivery = other.delivery(folder, longest=0, attempts=1)
    quoting = delivery.client.http = Quoting(other.http, at, change)
    words = []
    try:
        words.append(json.dumps(dict(delivery.run().receipt)))
    except (AudienceError, PlaceExpiredError) as error:
        words += [str(error), repr(error), json.dumps(error.as_failure())]
        words.append("".join(traceback.format_exception(safe(error))))
    for path in (other.folder / "home").rglob("*"):
        if path.is_file() and path.suffix in (".json", ".csv"):
            words.append(path.read_text())
            path.unlink()
    return words, quoting.seen


def test_no_answer_of_a_platform_is_quoted_with_people_in_it(world):
    folder = world.prepare(range(20))
    _, calls = told_by(world, folder, -1, None)
    assert calls
    for at in range(calls):
        words, _ = told_by(
            world, folder, at, lambda a: Answer(a.status, a.headers, json.dumps(planted(a.json)).encode())
        )
        assert traces_in(*words) == []
        turned = [(status, REFUSALS[(at + n) % len(REFUSALS)]) for n, status in enumerate(STATUSES)]
        for status, body in [*turned, *((400, body) for body in REFUSALS)]:
            answer = Answer(status, {"location": SENTENCE}, json.dumps(body).encode())
            words, _ = told_by(world, folder, at, lambda _, answer=answer: answer)
            assert traces_in(*words) == [], f"answer {at}, status {status}"


def refused_rows(world, scenario):
    """Deliver while the platform refuses single rows, in its stand-in's form, with people in each text."""
    world.stand_in.misbehave(scenario, times=1, rows=3)
    delivery = world.delivery(world.prepare(range(40)))
    plain = delivery.client.http

    def send(method, url, **options):
        answer = plain.send(method, url, **options)
        return Answer(answer.status, answer.headers, json.dumps(planted(answer.json)).encode())

    delivery.client.http = type("Http", (), {"send": staticmethod(send)})()
    words = []
    try:
        words.append(json.dumps(dict(delivery.run().receipt)))
    except AudienceError as error:  # not understood is an answer, too
        words.append(json.dumps(error.as_failure()))
    kept = [path for path in (world.folder / "home").rglob("*") if path.suffix in (".json", ".csv")]
    return words + [path.read_text() for path in kept]


@each("row_rejects")
def test_refused_rows_are_named_without_the_words_about_them(world):
    assert traces_in(*refused_rows(world, "row_rejects")) == []


@each("async_partial")
def test_a_part_that_a_job_refused_is_counted_without_the_words_about_it(world):
    assert traces_in(*refused_rows(world, "async_partial")) == []


@pytest.mark.parametrize(
    "value", [f"{TOKEN}\n", f"{TOKEN}\r\nX: y", f"{TOKEN}\x00", f"{TOKEN}ü", f" {TOKEN} "]
)
def test_a_broken_secret_is_not_in_an_error(world, value):
    names = [name for name in world.secret.values if "url" not in name]
    words = []
    for name in names:
        other = World(world.slug, world.folder / name)
        other.secret.values[name] = value
        try:
            other.delivery(other.prepare(range(3)), attempts=1).run()
        except Exception as error:  # noqa: BLE001  # whatever it is, it must not quote
            words += ["".join(traceback.format_exception(safe(error)))]
            words += [str(error)] if isinstance(error, AudienceError) else []
    assert traces_in(*words) == []
