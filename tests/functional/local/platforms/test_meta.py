"""Meta: sessions, replacing, invalid entries, statuses."""

import hashlib
import hmac
import json
from urllib.parse import urlencode

import pytest

from tests.functional.local.platforms.drivers import hashes

SLUG = "meta"


def session(seq, *, last=False, number=7):
    return {"session_id": number, "batch_seq": seq, "last_batch_flag": last, "estimated_num_total": 4}


def code(response):
    error = response.json()["error"]
    return error["code"], error.get("error_subcode", 0)


def test_a_replace_takes_effect_when_its_session_ends(ad):
    ad.add(hashes(3))
    assert ad.is_ok(ad.users("POST", "usersreplace", hashes(2, 10), session=session(1)))
    assert ad.members() == ad.shown(hashes(3))
    answered = ad.users("POST", "usersreplace", hashes(2, 12), session=session(2, last=True)).json()
    assert answered == {
        "audience_id": ad.audience,
        "session_id": "7",
        "num_received": 2,
        "num_invalid_entries": 0,
        "invalid_entry_samples": {},
    }
    assert ad.members() == ad.shown(hashes(4, 10))


def test_a_batch_sent_again_counts_once_and_none_is_taken_after_the_end(ad):
    for _ in range(2):
        assert ad.is_ok(ad.users("POST", "usersreplace", hashes(2), session=session(1)))
    last = session(2, last=True)
    assert ad.is_ok(ad.users("POST", "usersreplace", hashes(2, 2), session=last))
    assert code(ad.users("POST", "usersreplace", hashes(2, 2), session=last)) == (2650, 1870159)
    assert ad.members() == ad.shown(hashes(4))
    listed = ad.call("GET", f"/v26.0/{ad.audience}/sessions").json()["data"]
    assert listed == [
        {"session_id": "7", "num_received": "4", "num_invalid_entries": 0, "stage": "completed"}
    ]


def test_a_replace_allows_no_other_change_no_gap_and_no_second_session(ad):
    ad.users("POST", "usersreplace", hashes(1), session=session(1))
    assert code(ad.add(hashes(1))) == (2650, 1870145)
    assert code(ad.users("POST", "usersreplace", hashes(1), session=session(1, number=8))) == (2650, 1870145)
    assert code(ad.users("POST", "usersreplace", hashes(1), session=session(3, last=True))) == (100, 0)
    assert ad.members() == []


def test_a_replace_begins_with_its_first_batch(ad):
    assert code(ad.users("POST", "usersreplace", hashes(1), session=session(2))) == (2650, 1870147)


def test_a_replace_that_was_left_lying_ends_after_ninety_minutes(ad):
    ad.add(hashes(3))
    ad.users("POST", "usersreplace", hashes(1), session=session(1))
    ad.clock.now += 91 * 60
    late = ad.users("POST", "usersreplace", hashes(1, 1), session=session(2, last=True))
    assert code(late) == (2650, 1870158)
    assert ad.members() == ad.shown(hashes(1))  # replaced with what was uploaded so far
    assert ad.is_ok(ad.users("POST", "usersreplace", hashes(1, 5), session=session(1, last=True, number=9)))
    assert ad.members() == ad.shown(hashes(1, 5))


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        7,
        {**session(1), "session_id": 0},
        {**session(1), "session_id": "7"},
        {**session(1), "batch_seq": 0},
        {"session_id": 1, "batch_seq": 1},
    ],
)
def test_a_replace_needs_a_whole_session(ad, wrong):
    assert code(ad.users("POST", "usersreplace", hashes(1), session=wrong)) == (100, 0)


def test_invalid_entries_are_counted_and_the_rest_is_taken(ad):
    answered = ad.add([hashes(1)[0], "not a hash"]).json()
    assert (answered["num_received"], answered["num_invalid_entries"]) == (2, 1)
    assert answered["invalid_entry_samples"] == {"1": "invalid entry"}
    ad.ad.misbehave("row_rejects", rows=2)
    assert ad.add(hashes(3, 10)).json()["num_invalid_entries"] == 2
    assert ad.members() == ad.shown([hashes(1)[0], hashes(3, 10)[2]])


def test_rows_of_several_keys_may_have_empty_cells(ad):
    one, two, three = hashes(3)
    schema = ["EMAIL", "PHONE", "FN", "MADID"]
    maid = "aece52e7-03ee-455a-b3c4-e57283966239"
    rows = [[one, two, three, ""], ["", "", three, maid], ["", "", three, ""], ["", "", "", ""]]
    body = {"payload": {"schema": schema, "data": rows}}
    answered = ad.call("POST", f"/v26.0/{ad.audience}/users", body).json()
    assert answered["num_invalid_entries"] == 1
    weak = hashlib.sha256("\x1f".join(rows[2]).encode()).hexdigest()
    assert ad.members() == sorted([one, two, hashlib.sha256(maid.encode()).hexdigest(), weak])


@pytest.mark.parametrize(
    ("schema", "rows"),
    [(["EMAIL", "PHONE"], [["a"]]), (["SHOE"], [["a"]]), ([], [["a"]]), (["EMAIL"], ["a"]), ("SHOE", ["a"])],
)
def test_rows_must_match_the_schema(ad, schema, rows):
    body = {"payload": {"schema": schema, "data": rows}}
    assert code(ad.call("POST", f"/v26.0/{ad.audience}/users", body)) == (100, 0)


def test_a_form_with_json_inside_and_a_token_in_it_is_taken_too(ad):
    proof = hmac.new(b"local-meta-app-secret", ad.token.encode(), hashlib.sha256).hexdigest()
    form = {"payload": json.dumps({"schema": "EMAIL_SHA256", "data": hashes(2)}), "access_token": ad.token}
    ad.headers = dict
    kind = "application/x-www-form-urlencoded"
    for secret, expected in ((proof, 200), ("00", 400)):
        text = urlencode({**form, "appsecret_proof": secret})
        assert ad.call("POST", f"/v26.0/{ad.audience}/users", text, Content_Type=kind).status == expected
    assert len(ad.members()) == 2


def test_statuses_and_sizes(ad):
    fields = "name,operation_status,delivery_status,approximate_count_lower_bound"
    ad.ad.misbehave("not_ready")
    path = f"/v26.0/{ad.audience}?fields={fields}"
    assert ad.call("GET", path).json()["operation_status"]["code"] == 300
    ad.add(hashes(2_000))
    told = ad.call("GET", path).json()
    assert (told["operation_status"]["code"], told["delivery_status"]["code"]) == (200, 200)
    assert told["approximate_count_lower_bound"] == 1200, "six of ten are recognised"
    assert code(ad.call("GET", f"/v26.0/{ad.audience}?fields=shoe")) == (100, 0)


def test_a_flagged_audience_takes_no_uploads(ad):
    ad.ad.misbehave("flagged")
    assert code(ad.add(hashes(1))) == (100, 1713230)
    assert code(ad.add(hashes(1))) == (100, 1713230), "it stays flagged"
    told = ad.call("GET", f"/v26.0/{ad.audience}?fields=operation_status").json()
    assert told["operation_status"]["code"] == 471


def test_errors_have_metas_codes(ad):
    assert code(ad.call("GET", f"/v19.0/{ad.audience}")) == (2635, 0)
    assert code(ad.call("GET", "/v26.0/1")) == (100, 33)
    ad.ad.misbehave("token_expired")
    assert code(ad.add(hashes(1))) == (190, 463)
    ad.ad.misbehave("rate_limited_bare")
    assert code(ad.add(hashes(1))) == (17, 2446079)
    ad.ad.misbehave("server_error")
    assert ad.add(hashes(1)).json()["error"]["is_transient"]


def test_audiences_are_listed_page_by_page_and_deleted(ad):
    ad.create()
    first = ad.call("GET", "/v26.0/act_1/customaudiences?fields=name&limit=1").json()
    after = first["paging"]["cursors"]["after"]
    second = ad.call("GET", f"/v26.0/act_1/customaudiences?fields=name&limit=1&after={after}").json()
    assert [row["name"] for row in first["data"] + second["data"]] == ["Action", "Action"]
    assert "next" not in second["paging"]
    assert ad.call("DELETE", f"/v26.0/{ad.audience}").json() == {"success": True}
    assert code(ad.call("GET", f"/v26.0/{ad.audience}")) == (100, 33)
