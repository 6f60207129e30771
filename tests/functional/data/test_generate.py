"""The sample data is the same everywhere, holds what it promises, and hides the tastes it was given."""

import csv
import functools
import hashlib
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

DATA = Path(__file__).parents[3] / "data"
TRAIN = Path("personalize/train/bingewatch")
BATCH = Path("personalize/batch/bingewatch/bw_aws-item-attribute-affinity")
GENERATED = (
    TRAIN / "config.json",
    TRAIN / "interactions.csv",
    TRAIN / "items.csv",
    TRAIN / "users.csv",
    BATCH / "job_config.json",
    Path("pinpoint/endpoints.csv"),
    Path("audience/identities/customers.csv"),
    Path("audience/suppressions/optouts.csv"),
    Path("truth/tastes.csv"),
)


def generate(folder, *options):
    command = [sys.executable, str(DATA / "generate.py"), "--output", str(folder), *options]
    return subprocess.run(command, check=True, capture_output=True, text=True)


@functools.cache
def rows(path, folder=DATA):
    with (folder / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def digests(folder):
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bingewatch")
    generate(folder)
    return folder


def test_committed_files_equal_the_generators_output(fresh):
    written = digests(fresh)
    assert set(written) == {str(path) for path in GENERATED}
    assert written == {name: hashlib.sha256((DATA / name).read_bytes()).hexdigest() for name in written}


def test_small_data_sets_work_and_another_seed_differs(tmp_path):
    small = ("--users", "40", "--movies", "30", "--ratings", "300")
    generate(tmp_path / "one", *small)
    generate(tmp_path / "again", *small)
    generate(tmp_path / "other", *small, "--seed", "8")
    one = digests(tmp_path / "one")
    assert one == digests(tmp_path / "again")
    other = digests(tmp_path / "other")
    same = {"job_config.json", "config.json"}  # these two depend on the sizes, not on the seed
    assert {Path(name).name for name in one if one[name] == other[name]} == same


def test_a_catalogue_too_small_is_said(tmp_path):
    answer = generate(tmp_path, "--users", "30", "--movies", "3", "--ratings", "500")
    assert "3 movies leave no room for 500" in answer.stdout
    watched = [(row["USER_ID"], row["ITEM_ID"]) for row in rows(TRAIN / "interactions.csv", tmp_path)]
    assert 0 < len(watched) == len(set(watched)) <= 90


def test_zero_users_are_refused(tmp_path):
    with pytest.raises(subprocess.CalledProcessError) as caught:
        generate(tmp_path, "--users", "0")
    assert "--users must be 1 or more" in caught.value.stderr


def test_columns_are_the_samples_columns():
    def header(path):
        return (DATA / path).read_text(encoding="utf-8").splitlines()[0]

    assert header(TRAIN / "interactions.csv") == "USER_ID,ITEM_ID,EVENT_VALUE,EVENT_TYPE,TIMESTAMP"
    assert header(TRAIN / "items.csv") == "ITEM_ID,TITLE,RELEASE_YEAR,CREATION_TIMESTAMP,GENRES"
    assert header(TRAIN / "users.csv") == "USER_ID,GENDER,AGE"
    assert header("pinpoint/endpoints.csv") == (
        "User.UserId,ChannelType,User.UserAttributes.Gender,Address,User.UserAttributes.Age,OptOut"
    )


def test_training_data_hangs_together():
    users = {row["USER_ID"] for row in rows(TRAIN / "users.csv")}
    items = {row["ITEM_ID"]: row for row in rows(TRAIN / "items.csv")}
    interactions = rows(TRAIN / "interactions.csv")
    assert len(users) >= 2000
    assert len(items) >= 400
    assert len(interactions) >= 60_000
    assert {row["USER_ID"] for row in interactions} < users, "some users have watched nothing yet"
    assert len({(row["USER_ID"], row["ITEM_ID"]) for row in interactions}) == len(interactions)
    for row in interactions:
        assert int(row["TIMESTAMP"]) > int(items[row["ITEM_ID"]]["CREATION_TIMESTAMP"])
    assert {row["EVENT_VALUE"] for row in interactions} == {"1.0", "2.0", "3.0", "4.0", "5.0"}
    assert {row["EVENT_TYPE"] for row in interactions} == {"Watch"}
    assert len({row["TITLE"] for row in items.values()}) == len(items)
    assert min(Counter(row["USER_ID"] for row in interactions).values()) >= 2


def test_every_query_names_genres_that_some_item_has():
    genres = [set(row["GENRES"].split("|")) for row in rows(TRAIN / "items.csv")]
    lines = (DATA / BATCH / "job_config.json").read_text(encoding="utf-8").splitlines()
    queries = [json.loads(line)["itemAttributes"] for line in lines]
    assert queries[0] == 'ITEMS.genres = "Action"'
    assert 2 <= len(queries) <= 10
    for query in queries:
        wanted = {part.removeprefix("ITEMS.genres = ").strip('"') for part in query.split(" AND ")}
        assert sum(wanted <= have for have in genres) >= 10, query


def test_the_schemas_describe_the_files():
    config = json.loads((DATA / TRAIN / "config.json").read_text(encoding="utf-8"))
    assert config["datasetGroup"]["serviceConfig"] == {"name": "bingewatch", "domain": "VIDEO_ON_DEMAND"}
    for name in ("interactions", "items", "users"):
        service = config["datasets"][name]["schema"]["serviceConfig"]
        assert service["domain"] == "VIDEO_ON_DEMAND"
        columns = [field["name"] for field in service["schema"]["fields"]]
        assert columns == list(rows(TRAIN / f"{name}.csv")[0])
    solution = config["solutions"][0]["serviceConfig"]
    assert solution["performAutoTraining"] is False, "a demo must not train every week at its user's cost"


def segment(genre, size):
    """Return the users with the largest smoothed share of a genre, prior ten times the share of everybody."""
    items = {row["ITEM_ID"]: row["GENRES"].split("|") for row in rows(TRAIN / "items.csv")}
    watched, liked = Counter(), Counter()
    for row in rows(TRAIN / "interactions.csv"):
        watched[row["USER_ID"]] += 1
        liked[row["USER_ID"]] += genre in items[row["ITEM_ID"]]
    everybody = liked.total() / watched.total()
    return sorted(watched, key=lambda user: (liked[user] + 10 * everybody) / (watched[user] + 10))[-size:]


@pytest.mark.parametrize("genre", ["Action", "Comedy", "Sci-Fi"])
def test_watching_gives_the_planted_tastes_away(genre):
    config = json.loads((DATA / TRAIN / "config.json").read_text(encoding="utf-8"))
    size = config["solutions"][0]["batchSegmentJobs"][0]["serviceConfig"]["numResults"]
    tastes = {row["USER_ID"]: row["TASTES"].split("|") for row in rows("truth/tastes.csv")}
    base_rate = sum(genre in likes for likes in tastes.values()) / len(tastes)
    hit_rate = sum(genre in tastes[user] for user in segment(genre, size)) / size
    assert hit_rate >= 5 * base_rate


def test_about_one_user_in_seven_is_an_action_fan():
    tastes = rows("truth/tastes.csv")
    share = sum("Action" in row["TASTES"].split("|") for row in tastes) / len(tastes)
    assert 0.12 <= share <= 0.18


def test_endpoints_have_the_awkward_cases():
    users = {row["USER_ID"] for row in rows(TRAIN / "users.csv")}
    endpoints = rows("pinpoint/endpoints.csv")
    per_user = Counter(row["User.UserId"] for row in endpoints)
    assert 0.03 < len(users - set(per_user)) / len(users) < 0.07
    assert set(per_user) - users, "some endpoints belong to users who left"
    assert {1, 2, 3} <= set(per_user.values())
    assert {row["ChannelType"] for row in endpoints} == {"EMAIL", "SMS", "GCM", "APNS"}
    assert 0.02 < sum(row["OptOut"] == "ALL" for row in endpoints) / len(endpoints) < 0.06
    assert {row["OptOut"] for row in endpoints} == {"ALL", "NONE"}
    for row in endpoints:
        if row["ChannelType"] == "EMAIL":
            assert row["Address"].endswith("@simulator.amazonses.com")
        if row["ChannelType"] == "SMS":
            assert row["Address"].startswith("+1")
            assert row["Address"][5:10] == "55501"
    sms = [row["Address"] for row in endpoints if row["ChannelType"] == "SMS"]
    assert len(sms) == len(set(sms))


def test_customers_are_invented_and_untidy():
    customers = rows("audience/identities/customers.csv")
    users = {row["USER_ID"] for row in rows(TRAIN / "users.csv")}
    assert {row["user_id"] for row in customers} < users
    assert {row["consent_ads"] for row in customers} == {"yes", "no", ""}
    assert {row["consent_region"] for row in customers} == {"US", "CA", "UK", "EEA"}
    assert {row["country"].upper() for row in customers} == {"US", "CA", "GB", "DE", "FR", ""}
    domains = Counter(
        row["email"].strip().lower().rpartition("@")[2] for row in customers if "@" in row["email"]
    )
    assert set(domains) == {"example.com", "example.org", "example.net", "example", ""}, "reserved or broken"
    for column in ("email", "first_name"):
        values = [row[column] for row in customers]
        assert any(value != value.strip() for value in values)
        assert any(value.isupper() for value in values)
    for column in ("email", "phone", "date_of_birth", "gender", "maid", "zip"):
        assert any(not row[column] for row in customers)


def test_opt_outs_come_by_user_id_by_email_and_from_strangers():
    suppressed = rows("audience/suppressions/optouts.csv")
    kinds = {(bool(row["user_id"]), bool(row["email"])) for row in suppressed}
    assert kinds == {(True, False), (False, True), (True, True)}
    assert sum(row["email"].startswith("stranger") for row in suppressed) == 5


def test_activations_are_json_and_name_segments_that_are_asked_for():
    lines = (DATA / BATCH / "job_config.json").read_text(encoding="utf-8").splitlines()
    names = {"".join(filter(str.isalnum, json.loads(line)["itemAttributes"])) for line in lines}
    files = sorted((DATA / "audience" / "activations").glob("*.json"))
    assert files
    for file in files:
        activation = json.loads(file.read_text(encoding="utf-8"))
        assert set(activation["segments"]) <= names
        assert activation["mode"] in {"add", "remove", "mirror"}
