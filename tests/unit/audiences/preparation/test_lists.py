"""Suppression lists: whoever is on one is found in every form, and what finds nobody is told."""

import base64
import hashlib
import tracemalloc

import pytest
from audiences.errors import DataError
from audiences.platforms import find
from audiences.preparation.digest_set import Keys
from audiences.preparation.forms import find_forms
from audiences.preparation.lists_told import Remembered
from audiences.preparation.sources import Source
from audiences.preparation.suppress import read_suppression
from hypothesis import given
from hypothesis import strategies as st

SEGMENT = "user_id\n1\n2\n"
CUSTOMERS = (
    "user_id,email,phone,consent_ads\n1,Ann.Lee@gmail.com,+12025550101,yes\n"
    "2,bob@example.com,+12025550102,yes\n"
)


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def warned(made, words):
    return any(words in warning for warning in made.manifest()["warnings"])


USUAL = sha("ann.lee@gmail.com")
LISTS = {
    "digest": ("email_sha256", USUAL),
    "capitals": ("email_sha256", USUAL.upper()),
    "base64": ("email_sha256", base64.b64encode(bytes.fromhex(USUAL)).decode()),
    "digest in a plain column": ("email", USUAL),
    "plain in a column of digests": ("email_sha256", " ann.lee@GMAIL.com"),
    "plain": ("email", "Ann.Lee@gmail.com"),
    "phone": ("phone_sha256", sha("12025550101")),
    "phone with plus": ("phone", sha("+12025550101")),
    "user id": ("user_id", "1"),
}


@pytest.mark.parametrize("platform", ["meta", "google", "klaviyo", "amazon", "liveramp"])
@pytest.mark.parametrize("what", LISTS)
def test_every_way_to_list_somebody_finds_them(run, platform, what):
    column, text = LISTS[what]
    made = run(SEGMENT, CUSTOMERS, suppress=f"{column}\n{text}\n", platform=platform)
    assert (made.counts.sent, made.counts.suppressed) == (1, 1)
    assert sum(made.manifest()["suppressions"]["matched"].values()) == 1
    assert made.manifest()["suppressions"]["files"] == [{"file": "optouts.csv", "rows": 1}]


@pytest.mark.parametrize("platform", ["meta", "google", "tiktok"])
@pytest.mark.parametrize("what", ["digest", "digest in a plain column", "plain", "phone", "phone with plus"])
def test_hashed_customers_are_found_in_the_usual_form_and_the_doubt_is_told(run, platform, what):
    head, *rows = CUSTOMERS.splitlines()
    cells = [row.split(",") for row in rows]
    table = f"{head.replace('email', 'email_sha256').replace('phone', 'phone_sha256')}\n" + "".join(
        f"{user},{sha(email.lower())},{sha(phone)},{yes}\n" for user, email, phone, yes in cells
    )
    column, text = LISTS[what]
    if what == "phone":
        text = "+1 202 555 0101"
        column = "phone"
    made = run(SEGMENT, table, suppress=f"{column}\n{text}\n", platform=platform)
    assert (made.counts.sent, made.counts.suppressed) == (1, 1)
    assert warned(made, "is hashed, and nobody can tell in which form")


@pytest.mark.parametrize("platform", ["google", "meta", "klaviyo"])
@pytest.mark.parametrize("further", [False, True])
def test_a_hash_takes_back_who_is_held_and_left_the_segment_in_whatever_form(run, platform, further):
    """Google gets the folded address, so the ledger alone could not tell."""
    first = run(SEGMENT, CUSTOMERS, platform=platform)
    rows = CUSTOMERS + ("1,old@example.com,,yes\n" if further else "")
    digest = sha("old@example.com") if further else USUAL
    second = run(
        "user_id\n2\n", rows, suppress=f"email_sha256\n{digest}\n", ledger=first.ledger(), platform=platform
    )
    assert second.manifest()["removals"]["reasons"] == {"opted_out": 1}
    assert second.manifest()["suppressions"]["matched"] == {"email_sha256": 1}
    assert (second.counts.received, second.counts.unchanged, second.counts.suppressed) == (1, 1, 0)
    third = run(
        "user_id\n2\n", rows, suppress=f"email_sha256\n{digest}\n", ledger=second.ledger(), platform=platform
    )
    assert third.manifest()["parts"] == []


def test_hashes_of_another_kind_are_told_with_their_lines(run):
    md5 = hashlib.md5(b"ann.lee@gmail.com").hexdigest()
    made = run(SEGMENT, CUSTOMERS, suppress=f"email,phone\n{md5},\nno body,12\n,\nx@example.com,\n")
    assert made.counts.suppressed == 0
    assert warned(
        made, "2 cells of email in optouts.csv are not understood, so nobody was found by them: lines 2, 3."
    )
    assert warned(
        made, "1 cells of phone in optouts.csv are not understood, so nobody was found by them: line 3."
    )
    assert warned(made, "1 lines of optouts.csv name nobody: line 4.")
    assert made.manifest()["suppressions"]["files"] == [{"file": "optouts.csv", "rows": 3}]
    assert md5 not in "".join(made.manifest()["warnings"])


def test_digests_that_are_nobodys_are_told(run):
    made = run(SEGMENT, CUSTOMERS, suppress=f"email_sha256\n{sha('salt' + USUAL)}\n")
    assert made.counts.suppressed == 0
    assert warned(made, "None of the 1 hashes of email")
    assert made.manifest()["suppressions"]["entries"] == {"email_sha256": 1}


def test_a_number_the_platform_does_not_take_is_no_riddle(run):
    made = run(SEGMENT, CUSTOMERS, suppress="phone\n+49 30 901820\n", platform="amazon")
    assert made.manifest()["suppressions"]["unreadable"] == 0


def test_a_field_that_customers_lack_finds_nobody_and_is_told(run):
    nothing = "user_id,email,consent_ads\n1,ann.lee@gmail.com,yes\n"
    assert warned(run(SEGMENT, nothing, suppress="phone\n+12025550101\n"), "which no identities file has")
    some = run(SEGMENT, [CUSTOMERS, nothing], suppress="phone\n+12025550101\n")
    assert warned(some, "finds nobody in customers-1.csv")


SHARED = (
    "user_id,email,phone,consent_ads\n1,ann@example.com,+12025550101,yes\n"
    "2,bob@example.com,+12025550102,yes\n"
)


@pytest.mark.parametrize("platform", ["meta", "klaviyo", "google", "tiktok", "microsoft"])
@pytest.mark.parametrize(
    "row", ["9,ANN@example.com,+12025550109,yes\n", "9,else@example.com,+12025550101,yes\n"]
)
def test_an_opt_out_by_user_id_holds_under_another_account_at_the_first_delivery(run, row, platform):
    fields = set(find(platform).identifiers) & {"email", "phone"}
    if platform == "microsoft" and "else" in row:
        fields = {"email"}
    made = run(SEGMENT, SHARED + row, suppress="user_id\n9\n", platform=platform)
    assert (made.counts.sent, made.counts.suppressed) == (1, 1), fields


def test_it_holds_by_an_address_that_is_not_sent(run):
    row = "9,ann@example.com,+12025550109,yes\n"
    made = run(SEGMENT, SHARED + row, suppress="user_id\n9\n", identifiers=("phone",))
    assert (made.counts.sent, made.counts.suppressed) == (1, 1)


def test_it_takes_back_who_is_held_under_another_account(run):
    first = run(SEGMENT, SHARED)
    row = "9,other@example.com,+12025550101,yes\n"
    second = run("user_id\n2\n", SHARED + row, suppress="user_id\n9\n", ledger=first.ledger())
    assert second.manifest()["removals"]["reasons"] == {"opted_out": 1}


def test_ids_without_a_customer_are_counted_and_told_when_somebody_is_held(run):
    first = run(SEGMENT, SHARED, suppress="user_id\n77\n2\n77\n")
    assert first.manifest()["suppressions"]["unknown_user_ids"] == 1
    assert not warned(first, "not in the identities")
    second = run(SEGMENT, SHARED, suppress="user_id\n77\n2\n", ledger=first.ledger())
    assert warned(second, "1 user ids of the suppression lists are not in the identities")


def test_a_list_that_shrinks_to_less_than_half_stops(run):
    last = Remembered("s3://here", {"optouts.csv": 4, "b.csv": 1})
    for lists in ((), "user_id\n", "user_id\n1\n2\n"):
        with pytest.raises(
            DataError, match=r"(?s)had 5 last time: b\.csv \(1 rows then, now gone\).*delete s3://here"
        ):
            run(SEGMENT, SHARED, suppress=lists, remembered=last)
    assert run(SEGMENT, SHARED, remembered=last, mode="remove").counts.sent == 2


def test_a_list_that_is_a_little_shorter_is_told(run):
    lists = "user_id\n5\n6\n7\n"
    assert warned(
        run(SEGMENT, SHARED, suppress=lists, remembered=Remembered("x", {"optouts.csv": 4})),
        "4 rows then, 3 now",
    )
    for rows in ({"optouts.csv": 3}, {"yesterday.csv": 2}):
        assert not warned(run(SEGMENT, SHARED, suppress=lists, remembered=Remembered("x", rows)), "shorter")
    halved = run(SEGMENT, SHARED, suppress=[lists, lists], remembered=Remembered("x", {"optouts.csv": 5}))
    assert not warned(halved, "shorter")


def test_a_list_without_rows_is_told(run):
    assert warned(run(SEGMENT, SHARED, suppress="user_id\n"), "optouts.csv names nobody.")


def test_the_manifest_of_last_time_is_remembered(run):
    made = run(SEGMENT, SHARED, suppress=["user_id\n5\n6\n", "user_id\n7\n"])
    assert Remembered.of_manifest(made.folder / "manifest.json").rows == {"optouts.csv": 3}
    assert Remembered.of_manifest(made.folder / "none.json") is None
    assert Remembered.of_manifest(made.folder / "rejects.csv") is None


def test_a_line_of_a_list_takes_few_bytes(tmp_path):
    path = tmp_path / "optouts.csv"
    with path.open("w") as file:
        file.write("user_id,email\n")
        file.writelines(f"u{n},person{n}@example.com\n" for n in range(60_000))
    forms = find_forms(find("meta").identifiers)
    tracemalloc.start()
    try:
        found = read_suppression([Source.of(path)], forms, None)
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert found.counts == {"user_id": 60_000, "email": 60_000}
    assert held < 60_000 * 2 * 16


@given(
    st.lists(st.binary(min_size=8, max_size=32).map(bytes.hex)),
    st.lists(st.binary(min_size=8, max_size=32).map(bytes.hex)),
)
def test_a_set_of_keys_is_a_set(some, others):
    keys = Keys(some)
    assert len(keys) == len({one[:16] for one in some})
    keys.update(others)
    heads = {one[:16] for one in (*some, *others)}
    assert len(keys) == len(heads)
    assert all(one in keys for one in (*some, *others))
    absent = {f"{n:016x}" for n in range(64)} - heads
    assert not any(one in keys for one in absent)
