"""The same upload through an official client and through ours: the requests are the same, or it is said why not.

Both sides send the same invented people to a stand-in of their own, which keeps what arrives. Comparing runs
with AUDIENCES_ORACLES=1 (`make test-oracles`), because it installs packages; the page is checked always.
After changing sdks.py: `PYTHONPATH=functions:. python tests/oracles/test_requests.py` rewrites its table.
"""

import os
import re
from dataclasses import replace

import pytest
from audiences.delivery import find_uploader

from local.platforms.microsoft import Microsoft
from local.stand_in_access import ACCOUNT, InProcessHttp, PlainSecret, secret_of
from tests.oracles.canonical import Sent, compare, our_name, shared
from tests.oracles.install import HERE
from tests.oracles.recording import send_by_our_client, send_by_sdk
from tests.oracles.sdks import SDKS

PAGE = HERE.parents[1] / "docs" / "reference" / "oracles.md"
MARKS = re.compile(r"(<!-- requests: written from the code -->\n).*?(<!-- end -->)", re.DOTALL)
installs = pytest.mark.skipif(
    not os.environ.get("AUDIENCES_ORACLES"),
    reason="installs packages: AUDIENCES_ORACLES=1 or make test-oracles",
)


@pytest.fixture(scope="module", params=SDKS, ids=lambda sdk: sdk.client)
def upload(request, tmp_path_factory):
    """Return the SDK, its requests and ours, and who is in either audience at the end."""
    sdk = request.param
    folder = tmp_path_factory.mktemp(sdk.slug)
    ours, held = send_by_our_client(sdk.slug, sdk.fields, sdk.runs, folder)
    theirs, held_there = send_by_sdk(sdk, sdk.api_version, sdk.runs)
    return sdk, theirs, ours, (held_there, held)


def unexplained(sdk, theirs, ours):
    found = compare(theirs, ours, sdk.pairs)
    return [one for one in found if not any(allowed.covers(one) for allowed in sdk.allowed)]


@installs
def test_requests_are_the_same_but_for_what_is_explained(upload):
    sdk, theirs, ours, _ = upload
    found = unexplained(sdk, theirs, ours)
    assert not found, "\n" + "\n".join(map(str, found))


@installs
def test_every_explanation_is_needed(upload):
    sdk, theirs, ours, _ = upload
    found = compare(theirs, ours, sdk.pairs)
    rows = [(allowed, row) for allowed in sdk.allowed for row in allowed.rows]
    stale = [
        row for allowed, row in rows if not any(replace(allowed, rows=(row,)).covers(one) for one in found)
    ]
    assert stale == []
    for at, pair in enumerate(sdk.pairs):
        without = (*sdk.pairs[:at], *sdk.pairs[at + 1 :])
        assert compare(theirs, ours, without) != found, pair.why


@installs
def test_the_requests_compared_are_those_the_page_names(upload):
    sdk, theirs, ours, _ = upload
    assert shared(theirs, ours, sdk.pairs) == set(sdk.requests)


@installs
def test_both_uploads_leave_the_same_people(upload):
    sdk, _, _, (there, here) = upload
    assert len(there) == len(here) > 0
    if sdk.same_members:
        assert there == here


def compared(sdk, ours):
    return [one for one in ours if our_name(one, sdk.pairs) in sdk.requests]


@installs
def test_another_value_anywhere_is_reported(upload):
    """Every part both sides agree on, changed on our side one at a time: digests, versions, names, flags."""
    sdk, theirs, ours, _ = upload
    differing = {(one.request, one.part) for one in compare(theirs, ours, sdk.pairs)}
    agreed = [
        (sent, part)
        for sent in compared(sdk, ours)
        for part in sent.parts
        if (our_name(sent, sdk.pairs), part) not in differing
    ]
    missed = []
    for sent, part in agreed:
        changed = replace(sent, parts={**sent.parts, part: "something else"})
        # a request sent again, as when polling, is changed each time, or the first would still stand
        if not unexplained(sdk, theirs, [changed if one == sent else one for one in ours]):
            missed.append((sent.name, part))
    assert missed == []
    assert len(agreed) > 10


@installs
def test_another_path_and_a_missing_or_second_request_are_reported(upload):
    sdk, theirs, ours, _ = upload
    for sent in compared(sdk, ours):
        rest = [one for one in ours if one != sent]
        elsewhere = replace(sent, path=sent.path.replace("/", "/else", 1))
        again = replace(sent, parts={**sent.parts, "query.again": "1"})
        for changed in ([elsewhere, *rest], rest, [*ours, again]):
            assert unexplained(sdk, theirs, changed), sent.name


def test_one_digest_is_enough_to_be_reported():
    digest = "a" * 64
    theirs = [Sent("POST", "/users", {"body.data.0": digest, "header.content-type": "application/json"})]
    ours = [replace(theirs[0], parts={**theirs[0].parts, "body.data.0": "b" * 64})]
    assert [(one.request, one.part, one.sdk) for one in compare(theirs, ours)] == [
        ("POST /users", "body.data.0", digest)
    ]
    assert compare(theirs, theirs) == []
    assert compare([replace(theirs[0], parts={"body.id": 1})], [replace(theirs[0], parts={"body.id": "1"})])


def test_microsofts_sizes_are_told_as_text_and_kept_as_numbers():
    http = InProcessHttp(Microsoft())
    client = find_uploader("microsoft").make(http, PlainSecret(secret_of("microsoft", http.BASE)), {})
    assert client.describe(client.create_audience("Lovers")) == {"size": 0, "search_size": 0}


def table():
    text = "\n| SDK | version | requests compared | allowed differences |\n|---|---|---|---|\n"
    for sdk in SDKS:
        names = (re.sub(r"\{id \d\}", "{id}", one).replace(ACCOUNT, "{account}") for one in sdk.requests)
        compared = "<br>".join(f"`{name}`" for name in names)
        reasons = "<br>".join(f"{at}. {one.why}" for at, one in enumerate((*sdk.pairs, *sdk.allowed), 1))
        text += f"| {sdk.client} | {sdk.version} | {compared} | {reasons} |\n"
    return text + "\n"


def written(page):
    assert MARKS.search(page)
    return MARKS.sub(lambda found: found[1] + table() + found[2], page)


def test_the_page_has_the_versions_and_the_allowed_differences_of_the_code():
    page = PAGE.read_text(encoding="utf-8")
    assert page == written(page), "PYTHONPATH=functions:. python tests/oracles/test_requests.py"


def test_every_reason_is_one_sentence():
    for sdk in SDKS:
        for one in (*sdk.pairs, *sdk.allowed):
            assert re.fullmatch(r"[A-Z][^|\n]+[^.]\.", one.why), one.why
            assert ". " not in one.why


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
