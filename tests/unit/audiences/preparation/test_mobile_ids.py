"""Mobile ids keep their kind: each platform gets the right one, and an opt-out holds for every kind."""

import pytest
from audiences.errors import SetupError
from audiences.platforms import discover, find
from audiences.preparation.shape import find_shape

APPLE, GOOGLES = "aece52e7-03ee-455a-b3c4-e57283966239", "bece52e7-03ee-455a-b3c4-e57283966239"
CUSTOMERS = f"user_id,email,idfa,gaid\n1,a@example.com,{APPLE},\n2,b@example.com,{APPLE},{GOOGLES}\n3,c@example.com,,\n"
SEGMENT = "user_id\n1\n2\n3\n"
TAKING = [slug for slug in discover() if "maid" in find_shape(slug).names]


def _told(made, kind):
    return any(kind in warning and "not sent" in warning for warning in made.manifest()["warnings"])


def test_linkedin_gets_googles_ids_only_and_the_warning_names_the_other_column(run):
    made = run(SEGMENT, CUSTOMERS, platform="linkedin")
    text = b"".join(made.files()[name] for name in made.files() if name.startswith("part-add")).decode()
    assert GOOGLES in text
    assert APPLE not in text
    assert _told(made, "idfa")


@pytest.mark.parametrize("column", ["idfa", "maid", "Mobile Ad ID", "Apple Advertising ID"])
def test_ids_of_another_or_an_unknown_kind_are_not_sent_to_linkedin(run, column):
    made = run("user_id\n1\n", f"user_id,email,{column}\n1,a@example.com,{APPLE}\n", platform="linkedin")
    assert "maid" not in made.manifest()["fields"]
    assert made.manifest()["warnings"]
    with pytest.raises(SetupError, match="gaid"):
        run("user_id\n1\n", f"user_id,{column}\n1,{APPLE}\n", platform="linkedin", identifiers=("maid",))


@pytest.mark.parametrize("column", ["gaid", "AAID", "Google Advertising ID", "android_advertising_id"])
def test_googles_ids_are_known_by_many_names(run, column):
    made = run("user_id\n1\n", f"user_id,{column}\n1,{GOOGLES}\n", platform="linkedin")
    assert made.counts.sent == 1


@pytest.mark.parametrize("slug", TAKING)
def test_every_platform_of_mobile_ids_says_of_which_columns(slug):
    assert set(find(slug).identifiers["maid"].reads) <= {"maid", "gaid", "idfa"}
    assert find(slug).identifiers["maid"].reads


@pytest.mark.parametrize("slug", ["google", "the_trade_desk", "amazon"])
def test_platforms_without_mobile_ids_send_none_and_stay_silent(run, slug):
    made = run(SEGMENT, CUSTOMERS, platform=slug)
    text = b"".join(made.files()[name] for name in made.files() if name.startswith("part-add")).decode()
    assert APPLE not in text
    assert not _told(made, "idfa")


def test_a_second_device_is_counted(run):
    made = run(SEGMENT, CUSTOMERS)
    assert made.manifest()["refused_values"] == {"maid": {"second_value": 1}}


@pytest.mark.parametrize("slug", ["meta", "snap", "linkedin", "liveramp", "the_trade_desk", "amazon"])
@pytest.mark.parametrize("listed", [f"idfa\n{APPLE}\n", f"maid\n{APPLE}\n", f"idfa\n{APPLE.upper()}\n"])
def test_an_opt_out_finds_every_device_of_a_person_whatever_its_kind(run, slug, listed):
    made = run(SEGMENT, CUSTOMERS, platform=slug, suppress=listed)
    assert made.counts.suppressed == 2


@pytest.mark.parametrize("written", [str.lower, str.upper])
def test_who_is_held_in_one_case_and_listed_in_the_other_is_taken_out(run, written):
    customers = f"user_id,gaid\n1,{written(GOOGLES)}\n2,{APPLE}\n"
    first = run("user_id\n1\n2\n", customers, platform="criteo")
    listed = f"maid\n{GOOGLES.swapcase()}\n"
    second = run("user_id\n2\n", customers, platform="criteo", suppress=listed, ledger=first.ledger(), fuse=0)
    assert second.manifest()["removals"]["reasons"] == {"opted_out": 1}
