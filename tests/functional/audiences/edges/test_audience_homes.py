"""An audience is found where a former version kept it, if it is its own; else it has a place of its own."""

import json

import pytest
from audiences.edges.audience_homes import find_home
from audiences.edges.audience_work import find_work
from audiences.errors import SetupError
from audiences.preparation.keys import audience_key

WOMEN, MEN = "Женщины 30+", "Мужчины 30+"
SEGMENT = "segments/rfm/Best/1.csv"


@pytest.fixture
def bucket(cloud):
    yield cloud
    cloud.objects.delete()


def delivered(bucket, folder, *names, known=None):
    """Leave what a version without names left: a ledger, receipts, and audience.json."""
    bucket.put_object(Key=f"ledger/meta/{folder}.tsv.gz", Body=b"x")
    for number, name in enumerate(names):
        key = f"deliveries/meta/{folder}/run-{number}.json"
        bucket.put_object(Key=key, Body=json.dumps({"audience": name}).encode())
    bucket.put_object(Key=f"deliveries/meta/{folder}/run-9.json", Body=b'{"overtaken_by": "run-1"}')
    bucket.put_object(Key=f"deliveries/meta/{folder}/run-1/journal/plan.json", Body=b'{"audience": "?"}')
    bucket.put_object(Key=f"deliveries/meta/{folder}/lease.json", Body=b"{}")
    kept = {"id": "1", "account": "", **(known or {})}
    bucket.put_object(Key=f"deliveries/meta/{folder}/audience.json", Body=json.dumps(kept).encode())


def activate(bucket, name, audience):
    value = {"segments": ["Best"], "platforms": ["meta"], "audience": audience, "mode": "mirror"}
    bucket.put_object(Key=f"activations/{name}.json", Body=json.dumps(value).encode())


def plan(bucket):
    bucket.put_object(Key=SEGMENT, Body=b"user_id\n1\n")
    return find_work(bucket.name, "run-9", SEGMENT, 1 << 20)


@pytest.mark.parametrize("name", [WOMEN, "Action lovers", "Action-lovers"])
def test_a_new_audience_is_below_its_key(bucket, name):
    assert find_home(bucket.name, "meta", name) == (audience_key(name), "")


def test_an_audience_of_a_former_version_is_found_where_it_is(bucket):
    delivered(bucket, "30", WOMEN, WOMEN)
    assert find_home(bucket.name, "meta", WOMEN) == ("30", "")
    assert find_home(bucket.name, "google", WOMEN) == (audience_key(WOMEN), "")
    assert find_home(bucket.name, "meta", MEN) == (audience_key(MEN), "")


def test_names_that_shared_a_folder_begin_anew_and_are_told(bucket):
    delivered(bucket, "30", WOMEN, MEN)
    for name, other in ((WOMEN, MEN), (MEN, WOMEN)):
        home, note = find_home(bucket.name, "meta", name)
        assert home == audience_key(name)
        assert f"{name!r} shared deliveries/meta/30/ with {other!r}" in note
    delivered(bucket, audience_key(WOMEN), WOMEN)  # from its first delivery on there is nothing to tell
    assert find_home(bucket.name, "meta", WOMEN) == (audience_key(WOMEN), "")


def test_a_plain_name_does_not_inherit_the_records_of_another(bucket):
    delivered(bucket, "30", WOMEN)
    with pytest.raises(SetupError, match=r"deliveries/meta/30/audience\.json"):
        find_home(bucket.name, "meta", "30")
    delivered(bucket, "30", WOMEN, "30", known={"name": "30"})  # what the error says to do
    assert find_home(bucket.name, "meta", "30") == ("30", "")
    assert find_home(bucket.name, "meta", WOMEN) == (audience_key(WOMEN), "")


def test_the_plan_prepares_against_the_ledger_it_found_and_tells_of_what_it_left_out(bucket):
    delivered(bucket, "30", WOMEN)
    activate(bucket, "women", WOMEN)
    activate(bucket, "thirty", "30")
    (work,), wrong = plan(bucket)
    assert (work.request.audience, work.request.key) == (WOMEN, "30")
    assert work.output.startswith(f"s3://{bucket.name}/prepared/meta/30/run-9-")
    assert "not only of '30'" in wrong.what


def test_a_renamed_audience_is_told_for_as_long_as_the_old_one_is_held(bucket):
    delivered(bucket, "Lovers", "Lovers", known={"name": "Lovers", "activations": ["a"]})
    activate(bucket, "a", "Better lovers")
    (work,), _ = plan(bucket)
    (note,) = work.notes
    assert "a fed 'Lovers' before" in note
    assert "ledger/meta/Lovers.tsv.gz" in note
    activate(bucket, "b", "Lovers")  # somebody else feeds the old one
    assert [one.notes for one in plan(bucket)[0]] == [(), ()]


def test_a_list_in_parts_and_a_stray_key_stop_nobody_else(bucket):
    activate(bucket, "mirrored", "Mirrored")
    value = {"segments": ["Best"], "platforms": ["meta"], "audience": "Added"}
    bucket.put_object(Key="activations/added.json", Body=json.dumps(value).encode())
    for key in ("segments//Best/1.csv", "segments/rfm//1.csv", "segments/rfm/Best//1.csv", "segments/1.csv"):
        bucket.put_object(Key=key, Body=b"user_id\n1\n")
    for number in range(2):
        bucket.put_object(Key=f"segments/rfm/Best/part-{number}.csv", Body=b"user_id\n1\n")
    bucket.put_object(Key=SEGMENT, Body=b"user_id\n1\n")
    (work,), wrong = find_work(bucket.name, "run-9", "segments/rfm/Best/part-1.csv", 1 << 20)
    assert work.request.audience == "Added"
    assert "is in 2 files" in wrong.what


def test_activations_of_one_file_name_in_two_folders_are_two(bucket):
    activate(bucket, "de/best", "Beste")
    activate(bucket, "fr/best", "Meilleurs")
    assert {work.request.activation for work in plan(bucket)[0]} == {"de/best", "fr/best"}
