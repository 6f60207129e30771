"""Every row of a segment ends in exactly one class, and the same input gives the same bytes."""

import hashlib
import itertools
import json
import random

import pytest
from audiences.errors import DataError, SetupError
from hypothesis import given
from hypothesis import strategies as st

SEGMENT = "user_id\n1\n2\n3\n4\n5\n6\n2\n9\n"
CUSTOMERS = (
    "user_id,email,phone,consent_ads,consent_region\n"
    "1,ada@example.com,+1 202 555 0101,yes,US\n"
    "2, Bob@Example.com ,,yes,US\n"
    "3,cleo@example.com,,no,US\n"
    "4,ADA@example.com,,yes,US\n"  # the same person as 1
    "5,not an address,12,yes,US\n"
    "6,dan@example.com,,yes,US\n"
    "7,eve@example.com,,yes,US\n"
)
OPTOUTS = "user_id,email\n,DAN@example.com\n"


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def test_each_row_has_one_fate(run):
    made = run(SEGMENT, CUSTOMERS, suppress=OPTOUTS)
    counts = made.manifest()["counts"]
    assert counts == {
        "received": 8,
        "sent": 2,
        "rejected": 5,
        "unchanged": 0,
        "suppressed": 1,
        "refreshed": 0,
    }
    assert made.rejects() == {
        4: "consent_denied",
        5: "duplicate",
        6: "email_malformed",
        8: "duplicate",
        9: "no_identity",
    }
    assert {row[0] for row in made.rows()} == {sha("ada@example.com"), sha("bob@example.com")}
    assert made.manifest()["reject_reasons"]["duplicate"] == 2


def test_a_byte_order_mark_in_front_of_a_user_id_hides_nobody(run):
    """Joined files leave it inside: neither a customer nor an opt-out is lost by it."""
    made = run(
        "user_id\n1\n\ufeff2\n6\n", CUSTOMERS.replace("\n1,", "\n\ufeff1,"), suppress="user_id\n\ufeff6\n"
    )
    assert (made.counts.sent, made.counts.suppressed, made.counts.rejected) == (2, 1, 0)


def test_nothing_written_for_people_holds_a_plain_value(run):
    made = run(SEGMENT, CUSTOMERS, suppress=OPTOUTS)
    everything = b"".join(made.files().values()) + "".join(made.wanted()).encode()
    for secret in (b"example.com", b"2025550101", b"not an address"):
        assert secret not in everything


def test_the_same_input_gives_the_same_bytes_and_every_checksum_is_true(run):
    first, second = (run(SEGMENT, CUSTOMERS, suppress=OPTOUTS) for _ in range(2))
    assert first.files() == second.files()
    for part in first.manifest()["parts"]:
        data = (first.folder / part["file"]).read_bytes()
        assert (part["bytes"], part["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    rejects = first.manifest()["files"]["rejects.csv"]
    assert rejects["sha256"] == hashlib.sha256((first.folder / "rejects.csv").read_bytes()).hexdigest()


def test_the_order_of_the_customers_changes_nothing(run):
    head, *rows = CUSTOMERS.splitlines(keepends=True)
    random.Random(7).shuffle(rows)
    assert run(SEGMENT, head + "".join(rows)).files() == run(SEGMENT, CUSTOMERS).files()


def test_a_segment_that_does_not_fit_into_memory_gives_the_same_bytes(run):
    rng = random.Random(3)
    users = [str(rng.randrange(900)) for _ in range(1500)]
    segment = "user_id\n" + "".join(f"{user}\n" for user in users) + '" "\n'
    customers = "user_id,email,city\n" + "".join(
        f'{n},user{n % 700}@example.com,"Odd\r{n}"\n' for n in range(0, 1100, 2)
    )
    assert run(segment, customers, memory_ids=50).files() == run(segment, customers).files()


def test_a_delivered_audience_is_not_sent_again(run):
    first = run(SEGMENT, CUSTOMERS)
    again = run(SEGMENT, CUSTOMERS, ledger=first.ledger())
    assert (again.counts.sent, again.counts.unchanged) == (0, first.counts.sent)
    assert again.manifest()["parts"] == []
    assert again.wanted() == first.wanted()


def test_a_mirror_takes_back_who_left(run):
    first = run("user_id\n1\n2\n7\n", CUSTOMERS)
    second = run("user_id\n1\n6\n7\n", CUSTOMERS, ledger=first.ledger(), mode="mirror")
    assert (second.counts.sent, second.counts.unchanged) == (1, 2)
    assert second.manifest()["removals"]["reasons"] == {"left_segment": 1}
    assert second.rows("remove") == [[sha("bob@example.com"), ""]]
    third = run("user_id\n1\n6\n7\n", CUSTOMERS, ledger=second.ledger(), mode="mirror")
    assert third.manifest()["parts"] == []


def test_adding_leaves_the_others_where_they_are(run):
    first = run("user_id\n1\n2\n", CUSTOMERS)
    second = run("user_id\n7\n", CUSTOMERS, ledger=first.ledger())
    assert second.manifest()["removals"]["rows"] == 0
    assert len(second.wanted()) == 3


@pytest.mark.parametrize("optout", ["user_id\n2\n", "email\nbob@example.com\n"])
def test_whoever_opts_out_leaves_the_platform_even_outside_the_segment(run, optout):
    first = run("user_id\n1\n2\n", CUSTOMERS)
    second = run("user_id\n1\n", CUSTOMERS, suppress=optout, ledger=first.ledger())
    assert second.manifest()["removals"]["reasons"] == {"opted_out": 1}
    assert second.rows("remove") == [[sha("bob@example.com"), ""]]
    assert second.counts.suppressed == 0
    assert second.counts.received == 1


def test_consent_withdrawn_takes_back(run):
    first = run("user_id\n1\n2\n", CUSTOMERS)
    changed = CUSTOMERS.replace("2, Bob@Example.com ,,yes", "2, Bob@Example.com ,,no")
    second = run("user_id\n1\n2\n", changed, ledger=first.ledger())
    assert second.manifest()["removals"]["reasons"] == {"consent_withdrawn": 1}
    assert second.rejects() == {3: "consent_denied"}


def test_a_new_phone_number_is_sent_and_the_old_one_taken_back(run):
    sent = {"identifiers": ("email", "phone")}
    first = run("user_id\n1\n", CUSTOMERS, **sent)
    second = run("user_id\n1\n", CUSTOMERS.replace("0101", "0102"), ledger=first.ledger(), **sent)
    assert second.counts.sent == 1
    assert second.rows() == [[sha("ada@example.com"), sha("12025550102")]]
    assert second.rows("remove") == [["", sha("12025550101")]]


def test_what_somebody_who_stays_is_matched_by_is_never_taken_back(run):
    shared = "user_id,email,phone\n1,ada@example.com,2025550101\n2,bob@example.com,2025550101\n"
    first = run("user_id\n1\n2\n", shared)
    second = run("user_id\n1\n", shared, ledger=first.ledger(), mode="mirror")
    assert second.rows("remove") == [[sha("bob@example.com"), ""]]


def test_removing_needs_neither_consent_nor_a_clean_suppression_list(run):
    first = run("user_id\n1\n2\n7\n", CUSTOMERS)
    second = run(
        "user_id\n3\n7\n2\n", CUSTOMERS, suppress="user_id\n7\n", ledger=first.ledger(), mode="remove"
    )
    assert (second.counts.sent, second.counts.unchanged, second.counts.suppressed) == (2, 1, 0)
    assert len(second.wanted()) == 1
    unknown = run("user_id\n3\n7\n", CUSTOMERS, mode="remove")
    assert (unknown.counts.sent, len(unknown.rows("remove"))) == (2, 2)


def test_the_fuse_stops_a_mirror_and_leaves_the_folder_alone(run, tmp_path):
    first = run("user_id\n1\n2\n6\n7\n", CUSTOMERS)
    with pytest.raises(DataError, match="shrink from 4 to 1 people"):
        run("user_id\n1\n", CUSTOMERS, ledger=first.ledger(), mode="mirror")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out-0"]
    assert (
        run("user_id\n1\n", CUSTOMERS, ledger=first.ledger(), mode="mirror", fuse=0.2).counts.unchanged == 1
    )


def test_an_audience_below_its_minimum_is_refused_and_below_the_platforms_is_told(run):
    with pytest.raises(DataError, match="Its minimum is 5"):
        run("user_id\n1\n", CUSTOMERS, minimum=5)
    assert run("user_id\n1\n", CUSTOMERS).manifest()["warnings"] == [
        "1 of the 100 people that meta needs at least."
    ]


def test_a_dry_run_has_the_counts_and_no_parts(run):
    made = run(SEGMENT, CUSTOMERS, dry_run=True)
    assert set(made.files()) == {"plan.json", "rejects.csv"}
    plan = json.loads((made.folder / "plan.json").read_text())
    assert plan["counts"] == run(SEGMENT, CUSTOMERS).manifest()["counts"]
    assert plan["parts"] == []


def test_two_segments_are_one_audience(run):
    made = run(["user_id\n1\n2\n", "user_id\n2\n7\n"], CUSTOMERS)
    assert (made.counts.received, made.counts.sent) == (4, 3)
    text = (made.folder / "rejects.csv").read_text()
    assert text == "line,reason,file\n2,duplicate,segment-1.csv\n"


@pytest.mark.parametrize(
    ("platform", "asked", "message"),
    [
        ("meta", {"identifiers": ("ssn",)}, "takes no field"),
        ("meta", {"identifiers": ("zip",)}, "identifies a person"),
        ("google", {"identifiers": ("email", "zip")}, "cannot be sent without"),
        ("liveramp", {"mode": "remove"}, "whole audiences"),
        ("nowhere", {}, "no platform"),
    ],
)
def test_what_a_platform_cannot_take_is_refused_before_reading(run, platform, asked, message):
    customers = CUSTOMERS.replace("consent_region\n", "zip\n", 1)
    with pytest.raises(SetupError, match=message):
        run(SEGMENT, customers, platform=platform, **asked)


def test_a_platform_of_whole_audiences_gets_everybody_each_time(run):
    first = run("user_id\n1\n2\n7\n", CUSTOMERS, platform="liveramp")
    second = run("user_id\n1\n7\n", CUSTOMERS, platform="liveramp", ledger=first.ledger())
    assert second.counts.sent == 2
    (part,) = second.manifest()["parts"]
    assert part["rows"] == 2
    assert len(second.wanted()) == 2


def test_an_id_that_two_people_share_is_sent_once(run):
    shared = "user_id,email,phone\n1,a@example.com,2025550101\n2,b@example.com,2025550101\n"
    made = run("user_id\n1\n2\n", shared, platform="snap")
    assert [part["rows"] for part in made.manifest()["parts"]] == [2, 1]


def test_plain_values_are_found_again_to_remove_them_and_never_kept(run):
    first = run("user_id\n1\n2\n7\n", CUSTOMERS, platform="klaviyo")
    assert "example.com" not in "".join(first.wanted())
    fewer = CUSTOMERS.replace("7,eve@example.com,,yes,US\n", "")
    second = run("user_id\n1\n", fewer, platform="klaviyo", ledger=first.ledger(), mode="mirror", fuse=0)
    assert second.manifest()["removals"]["unresolved_identifiers"] == 1
    text = (second.folder / "part-remove-00001.json").read_text()
    assert json.loads(text) == [{"type": "profile", "attributes": {"email": "bob@example.com"}}]


def test_google_is_told_of_consent_member_by_member_and_refuses_silence_in_europe(run):
    customers = (
        "user_id,email,consent_ads,consent_region\n"
        "1,a@example.com,yes,EEA\n2,b@example.com,,EEA\n3,c@example.com,,US\n4,d@example.com,,\n"
    )
    from audiences.preparation.consent import ConsentRule

    rule = ConsentRule(required_in=("EEA", "UK"))
    made = run("user_id\n1\n2\n3\n4\n", customers, platform="google", consent=rule, country=None)
    assert made.rejects() == {3: "consent_missing", 5: "consent_missing"}
    members = json.loads((made.folder / "part-add-00001.json").read_text())
    granted = {m["userData"]["userIdentifiers"][0]["emailAddress"]: "consent" in m for m in members}
    assert granted == {sha("a@example.com"): True, sha("c@example.com"): False}


def test_a_listed_spelling_that_the_platform_takes_for_the_same_mailbox_is_suppressed(run):
    customers = "user_id,email\n1,jane.doe@gmail.com\n"
    optout = "email\nJaneDoe+news@googlemail.com\n"
    listed = "email\njanedoe@gmail.com\n"
    assert run("user_id\n1\n", customers, suppress=listed, platform="google").counts.suppressed == 1
    assert run("user_id\n1\n", customers, suppress=optout, platform="meta").counts.suppressed == 0


def test_an_opt_out_by_address_counts_even_when_only_phones_are_sent(run):
    made = run("user_id\n1\n", CUSTOMERS, suppress="email\nada@example.com\n", identifiers=("phone",))
    assert made.counts.suppressed == 1


def test_the_customers_own_id_is_the_user_id_when_asked_for(run):
    made = run("user_id\n7\n", CUSTOMERS, identifiers=("email", "external_id"))
    assert made.rows() == [[sha("eve@example.com"), sha("7")]]


TWINS = (
    "user_id,email,phone,consent_ads\n1,ann@example.com,+12025550101,yes\n2,ann@example.com,+12025550102,yes\n"
    "3,ann@example.com,,yes\n4,ann@example.com,+12025550100,\n"
)


@pytest.mark.parametrize("platform", ["meta", "google", "klaviyo", "tiktok", "microsoft"])
@pytest.mark.parametrize("others", [False, True])
def test_the_order_of_a_segment_does_not_decide_what_is_sent_of_two_accounts(run, platform, others):
    head, *rows = TWINS.splitlines(keepends=True)
    orders = list(itertools.permutations(rows if others else rows[:3]))
    first = None
    for order in orders[:: len(orders) // 6]:
        segment = "user_id\n" + "".join(f"{row[0]}\n" for row in order)
        made = run(segment, head + "".join(order), platform=platform)
        first = first or made
        assert made.wanted() == first.wanted()
        again = run(segment, head + "".join(order), platform=platform, ledger=first.ledger(), mode="mirror")
        assert (again.counts.unchanged, again.manifest()["parts"]) == (1, [])
        assert made.counts.rejected == len(order) - 1
    assert list(first.made.reject_reasons) == ["duplicate"]


def test_of_two_accounts_the_one_that_is_matched_by_more_is_sent(run):
    segment = "user_id\n3\n1\n"
    assert run(segment, TWINS, identifiers=("email", "phone")).rows() == [
        [sha("ann@example.com"), sha("12025550101")]
    ]


def test_removing_a_person_takes_out_what_all_accounts_are_matched_by(run):
    made = run("user_id\n3\n2\n1\n", TWINS, mode="remove", identifiers=("email", "phone"))
    assert made.counts.sent == 1
    (email, one), (nothing, other) = made.rows("remove")
    assert (email, nothing) == (sha("ann@example.com"), "")
    assert {one, other} == {sha("12025550101"), sha("12025550102")}
    other_way = run("user_id\n1\n2\n3\n", TWINS, mode="remove", identifiers=("email", "phone"))
    assert other_way.rows("remove") == made.rows("remove")


people = st.lists(
    st.tuples(
        st.integers(1, 12).map(str),
        st.sampled_from(["", "a@example.com", "B@example.com", "c@example.com", "broken", "d@example.org"]),
        st.sampled_from(["", "2025550101", "+12025550102", "12"]),
        st.sampled_from(["yes", "no", "", "maybe"]),
        st.sampled_from(["US", "EEA", ""]),
    ),
    max_size=14,
    unique_by=lambda row: row[0],
)
ids = st.lists(st.one_of(st.integers(1, 15).map(str), st.just("   "), st.just("x,y")), max_size=20)


@given(
    segment=ids,
    held=ids,
    customers=people,
    optouts=st.lists(st.integers(1, 12).map(str), max_size=4),
    mode=st.sampled_from(["add", "remove", "mirror"]),
    platform=st.sampled_from(["meta", "google", "microsoft", "klaviyo", "liveramp"]),
    age=st.sampled_from([0, 370, 600]),
)
def test_counts_add_up_and_the_platform_ends_with_what_is_wanted(
    run, segment, held, customers, optouts, mode, platform, age
):
    if platform == "liveramp" and mode == "remove":
        mode = "mirror"
    table = "user_id,email,phone,consent_ads,consent_region\n" + "".join(
        ",".join(row) + "\n" for row in customers
    )
    asked = {"platform": platform, "fuse": 0}
    before = run("user_id\n" + "".join(f"{user}\n" for user in held), table, day=1_000, **asked)
    asked["day"] = 1_000 + age
    lists = ["user_id\n" + "".join(f"{user}\n" for user in optouts)] if optouts else []
    text = "user_id\n" + "".join(f"{user}\n" for user in segment)
    made = run(text, table, suppress=lists, ledger=before.ledger(), mode=mode, **asked)
    counts = made.manifest()["counts"]
    classes = ("sent", "rejected", "unchanged", "suppressed")
    assert counts["received"] == len(segment) == sum(counts[name] for name in classes)
    assert counts["refreshed"] <= counts["sent"] if platform == "google" else counts["refreshed"] == 0
    assert counts["rejected"] == sum(made.manifest()["reject_reasons"].values()) == len(made.rejects())
    # Deliver it: a repeat has nothing left to do.
    again = run(text, table, suppress=lists, ledger=made.ledger(), mode=mode, **asked)
    if platform != "liveramp":
        assert again.manifest()["parts"] == []
    assert again.wanted() == made.wanted()
    assert made.wanted() == sorted(made.wanted())


def test_a_list_has_a_country_of_its_own(run):
    customers = "user_id,phone,country\n1,030 901820,DE\n2,0171 2345678,DE\n"
    optouts = "phone,country\n+49 30 901820,FR\n0171 2345678,DE\n"
    made = run("user_id\n1\n2\n", customers, suppress=optouts)
    assert (made.counts.sent, made.counts.suppressed) == (0, 2)


@pytest.mark.parametrize("platform", ["meta", "klaviyo"])
def test_a_hashed_list_finds_who_is_held_and_left_the_segment(run, platform):
    customers = "user_id,email\n1,jane@example.com\n2,max@example.com\n"
    first = run("user_id\n1\n2\n", customers, platform=platform)
    optouts = f"email_sha256\n{hashlib.sha256(b'jane@example.com').hexdigest().upper()}\n"
    second = run("user_id\n2\n", customers, suppress=optouts, ledger=first.ledger(), platform=platform)
    assert second.manifest()["removals"]["reasons"] == {"opted_out": 1}
    assert any("hashed suppression list" in warning for warning in second.manifest()["warnings"])
