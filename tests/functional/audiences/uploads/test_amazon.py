import json
import re

import pytest
from audiences.edges.s3_files import read_json, write_json
from audiences.errors import DataError, SetupError
from audiences.platforms.amazon import payload


def only(stand_in):
    (one,) = stand_in.audiences.values()
    return one


def test_metadata_records_and_job(uploads, platform):
    amazon = platform("amazon")
    manifest = uploads.prepare("amazon", ["u1", "u2"])

    path, told = uploads.run(manifest)

    assert told == {"status": "succeeded"}
    assert path[:4] == ["ensure_segment", "open_drop", "publish_data", "check_upload"]
    assert len(only(amazon).members) == 2
    assert uploads.receipt(manifest)["audience_id"] == "9007199254740993"


def test_the_id_is_remembered_because_amazon_lists_no_audiences(uploads, platform):
    amazon = platform("amazon")
    uploads.run(uploads.prepare("amazon", ["u1"]))
    uploads.run(uploads.prepare("amazon", ["u2"], run="20261123-090000-abc124"), "execution-2")

    assert len(only(amazon).members) == 2


def test_a_mirror_deletes_who_left(uploads, platform):
    amazon = platform("amazon")
    uploads.run(uploads.prepare("amazon", ["u1", "u2"], mode="mirror"))
    uploads.settle("amazon")
    uploads.run(uploads.prepare("amazon", ["u2"], mode="mirror", run="20261123-090000-abc124"), "execution-2")

    assert len(only(amazon).members) == 1


def test_an_audience_that_somebody_else_made_is_named_in_the_activation(uploads, platform):
    amazon = platform("amazon")
    one = amazon.add_audience(
        "made by hand", "5551", audience_id="9007199254741001", given={"name": "made by hand"}
    )

    uploads.run(uploads.prepare("amazon", ["u1"], destination={"audience_id": one.id}))

    assert len(one.members) == 1
    assert len(amazon.audiences) == 1


def test_an_access_token_is_bought_again_in_the_middle(uploads, platform):
    amazon = platform("amazon")
    manifest = uploads.prepare("amazon", ["u1"])
    uploads.step("ensure_segment", manifest)
    amazon.misbehave("token_expired")

    assert uploads.run(manifest)[1] == {"status": "succeeded"}


def test_a_job_that_never_ends_is_bounded(uploads, platform):
    platform("amazon").misbehave("async_stuck")
    manifest = uploads.prepare("amazon", ["u1"])
    uploads.step("ensure_segment", manifest)
    batch = uploads.step("open_drop", manifest)["batch"]
    uploads.step("publish_data", manifest, batch=batch)
    uploads.age_journal(manifest, hours=25)

    with pytest.raises(SetupError, match="does not end"):
        uploads.step("check_upload", manifest)


def test_a_job_that_amazon_has_forgotten_by_the_next_day_sends_its_records_again(uploads, platform):
    amazon = platform("amazon")
    manifest = uploads.prepare("amazon", ["u1", "u2"])
    uploads.step("ensure_segment", manifest)
    batch = uploads.step("open_drop", manifest)["batch"]
    uploads.step("publish_data", manifest, batch=batch)
    (key,) = [key for key in uploads.keys("deliveries/") if key.endswith(f"/journal/{batch}.json")]
    uri = f"s3://{uploads.account.bucket}/{key}"
    write_json(uri, {**read_json(uri), "at": "2026-01-01T00:00:00.000+00:00"})
    amazon.jobs.clear()
    only(amazon).members.clear()

    assert uploads.step("check_upload", manifest)["next"] == "place"

    _, told = uploads.run(manifest)
    assert told == {"status": "succeeded"}
    assert len(only(amazon).members) == 2
    assert uploads.receipt(manifest)["accepted"] == 2


def test_partly_refused_records_are_counted(uploads, platform):
    platform("amazon").misbehave("async_partial", rows=2)
    manifest = uploads.prepare("amazon", [f"u{n}" for n in range(5)])

    _, told = uploads.run(manifest)

    receipt = uploads.receipt(manifest)
    assert told == {"status": "partial"}
    assert (receipt["accepted"], receipt["refused"]) == (3, 2)


def test_ids_stay_whole_beyond_what_a_double_holds():
    body = payload.records_body(
        "9007199254740993", "remove", b'[{"externalUserId":"a","hashedPII":[{"email":"h"}]}]'
    )

    assert b'"audienceId":9007199254740993' in body
    assert json.loads(body)["records"] == [
        {"externalUserId": "a", "hashedPII": [{"email": "h"}], "action": "DELETE"}
    ]


@pytest.mark.parametrize(
    ("name", "made"),
    [("VIP", "VIP audience"), ("Action lovers: 18+", "Action lovers 18"), ("x" * 128, "x" * 128)],
)
def test_names_are_made_fit(name, made):
    assert payload.amazon_name(name) == made


@pytest.mark.parametrize(("one", "other"), [("Женщины 30+", "Мужчины 30+"), ("x" * 200, "x" * 201)])
def test_names_that_lose_letters_stay_two(one, other):
    made = {payload.amazon_name(one), payload.amazon_name(other)}
    assert len(made) == 2
    assert all(re.fullmatch(r"[0-9A-Za-z _-]{10,128}", name) for name in made)


def test_a_life_longer_than_amazon_allows_is_refused():
    with pytest.raises(DataError, match="397 days"):
        payload.metadata_body("1", "Action lovers", "US", payload.MAX_TTL_SECONDS + 1)


@pytest.mark.parametrize(
    ("fields", "accepted", "reasons"),
    [
        ({"jobState": "SUCCEEDED"}, 10, {}),
        (
            {"jobState": "PARTIALLYSUCCEEDED", "invalidRecords": [{"error": "bad hash"}] * 2},
            8,
            {"bad hash": 2},
        ),
        (
            {"jobState": "COMPLETED", "successful": {"recordsProcessedRate": 70.0}, "invalidRecords": []},
            7,
            {"refused by Amazon": 3},
        ),
        ({"jobState": "FAILED"}, 0, {"refused by Amazon": 10}),
    ],
)
def test_a_job_is_read_in_the_words_of_amazons_api(fields, accepted, reasons):
    result = payload.read_job(fields, 10)

    assert (result.accepted, result.rejected) == (accepted, 10 - accepted)
    assert dict(result.reasons) == reasons
    assert payload.read_job({"jobState": "PENDING"}, 10) is None
