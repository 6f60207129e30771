"""Several identities files, several rows of one person: nothing that somebody said no to is lost between them."""

import pytest
from audiences.errors import DataError, SetupError
from audiences.preparation.consent import ConsentRule

FIRST = (
    "user_id,email,phone,consent_ads\n1,ada@example.com,+12025550101,yes\n2,bob@example.com,+12025550102,no\n"
    "3,cleo@example.com,+12025550103,yes\n"
)
WITHOUT = "email,user_id\ndan@example.com,4\n"  # neither phones nor consent
SEGMENT = "user_id\n1\n2\n3\n4\n"


@pytest.mark.parametrize("tables", [[FIRST, WITHOUT], [WITHOUT, FIRST]])
@pytest.mark.parametrize("platform", ["meta", "google", "klaviyo", "tiktok"])
def test_a_file_without_a_column_is_blank_there_and_changes_nothing_for_the_others(run, tables, platform):
    made = run(SEGMENT, tables, suppress="phone\n+12025550103\n", platform=platform)
    assert made.rejects() == {3: "consent_denied"}
    assert (made.counts.sent, made.counts.suppressed) == (2, 1)
    gap = f"customers{'' if tables[0] == WITHOUT else '-1'}.csv has no column consent_ads"
    assert any(gap in warning for warning in made.manifest()["warnings"])


def test_consent_that_must_be_given_is_missing_in_a_file_without_the_column(run):
    made = run(SEGMENT, [FIRST, WITHOUT], consent=ConsentRule(required_in=("*",)))
    assert made.rejects() == {3: "consent_denied", 5: "consent_missing"}


def test_removing_sends_what_each_file_has(run):
    made = run(SEGMENT, [FIRST, WITHOUT], mode="remove", identifiers=("email", "phone"))
    assert made.counts.sent == 4
    assert [row[1] == "" for row in sorted(made.rows("remove"), key=lambda row: row[1])] == [
        True,
        False,
        False,
        False,
    ]


def test_plain_values_are_found_again_whatever_the_columns_of_each_file(run):
    first = run(SEGMENT, [FIRST, WITHOUT], platform="klaviyo")
    second = run(
        "user_id\n1\n", [FIRST, WITHOUT], platform="klaviyo", ledger=first.ledger(), mode="mirror", fuse=0
    )
    assert second.manifest()["removals"]["rows"] == 2
    assert second.manifest()["removals"]["unresolved_identifiers"] == 0


def test_only_a_column_that_two_files_have_must_be_hashed_in_both(run):
    digest = "a" * 64
    hashed = f"user_id,phone_sha256\n9,{digest}\n"
    assert run("user_id\n4\n9\n", [WITHOUT, hashed]).counts.sent == 2
    with pytest.raises(DataError, match="plain values of phone"):
        run("user_id\n9\n", [FIRST, hashed])


NOES = {
    "a no": ("1,new@example.com,,no\n", "", "consent_denied"),
    "an unreadable answer": ("1,new@example.com,,perhaps\n", "", "consent_unreadable"),
    "an opt-out": ("1,new@example.com,+12025550109,yes\n", "phone\n+1 202 555 0109\n", None),
}


@pytest.mark.parametrize("memory_ids", [1, 200_000])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("what", NOES)
def test_the_no_of_any_row_of_a_person_wins(run, what, last, memory_ids):
    row, optouts, reason = NOES[what]
    head, *rows = FIRST.splitlines(keepends=True)
    tables = [FIRST, head + row] if last else head + row + "".join(rows)
    made = run("user_id\n3\n1\n", tables, suppress=optouts or (), memory_ids=memory_ids)
    assert made.rejects() == ({3: reason} if reason else {})
    assert (made.counts.sent, made.counts.suppressed) == (1, 0 if reason else 1)


@pytest.mark.parametrize("memory_ids", [1, 200_000])
def test_whom_the_other_row_identifies_is_not_sent_under_another_id(run, memory_ids):
    other = "user_id,email,phone,consent_ads\n1,shared@example.com,,no\n7,shared@example.com,,yes\n"
    made = run("user_id\n7\n1\n", [FIRST, other], memory_ids=memory_ids)
    assert made.rejects() == {2: "consent_denied", 3: "consent_denied"}


def test_a_no_in_a_further_row_takes_back_who_is_held(run):
    first = run("user_id\n1\n3\n", FIRST)
    further = FIRST + "1,ada@example.com,,no\n"
    second = run("user_id\n1\n3\n", further, ledger=first.ledger())
    assert second.manifest()["removals"]["reasons"] == {"consent_withdrawn": 1}
    assert second.manifest()["customers"]["double_rows"] == 1


def test_a_further_row_adds_nothing_but_its_no(run):
    blank = FIRST + "1,,,\n3,else@example.com,,\n"
    assert run(SEGMENT, blank).rows() == run(SEGMENT, FIRST).rows()
    assert run(SEGMENT, blank, mode="remove").rows("remove") == run(SEGMENT, FIRST, mode="remove").rows(
        "remove"
    )


@pytest.mark.parametrize("name", ["consent_add", "ads_consent", "consent_marketing", "Marketing Opt-In"])
def test_consent_under_another_name_is_pointed_out_and_stops(run, name):
    near = name.lower().replace(" ", "_").replace("-", "_")
    with pytest.raises(SetupError, match=f"(?s)no.*consent_ads|consent_ads.*There is {near}"):
        run(SEGMENT, FIRST.replace("consent_ads", name))
    with pytest.raises(SetupError, match=f"There is {near}: is that the column"):
        run(SEGMENT, FIRST.replace("consent_ads", name), consent=ConsentRule(asked=True))


def test_a_purpose_that_no_file_answers_stops_when_somebody_chose_it(run):
    with pytest.raises(SetupError, match="consent_email"):
        run(SEGMENT, FIRST, consent=ConsentRule(("ads", "email")))
    with pytest.raises(SetupError, match="consent_ads"):
        run("user_id\n4\n", WITHOUT, consent=ConsentRule(asked=True))
    assert run("user_id\n4\n", WITHOUT, consent=ConsentRule(asked=True), mode="remove").counts.sent == 1


def test_files_without_any_consent_are_told(run):
    made = run("user_id\n4\n", WITHOUT)
    assert made.counts.sent == 1
    assert any("nobody's consent is known" in warning for warning in made.manifest()["warnings"])


ODD = (
    "user_id,email,consent_ads\n1,a@example.com,perhaps\n2,b@example.com,2024-05-25\n3,c@example.com,jane@example.com\n"
    "4,d@example.com,yes\n4,d@example.com,7\n5,e@example.com,8\n6,f@example.com,yes\n9,g@example.com,maybe\n"
)


def test_answers_not_understood_are_counted_by_their_kind_and_never_quoted(run):
    segment = "user_id\n1\n2\n3\n4\n5\n6\n"
    made = run(segment, ODD, suppress="user_id\n5\n9\n")
    told = made.manifest()
    assert told["unreadable_consent"] == {"consent_ads": {"address": 1, "date": 1, "number": 1, "word": 1}}
    assert told["reject_reasons"] == {"consent_unreadable": 4}
    assert any("consent_ads: 1 address, consent_ads: 1 date" in warning for warning in told["warnings"])
    assert "jane" not in str(told["warnings"])
    ignored = run(segment, ODD, consent=ConsentRule(unreadable="ignore"))
    assert ignored.counts.sent == 6
    assert ignored.manifest()["unreadable_consent"] == {
        "consent_ads": {"address": 1, "date": 1, "number": 2, "word": 1}
    }
    assert any("count as no answer" in warning for warning in ignored.manifest()["warnings"])
