"""Upload jobs: the path, the key, the file's rules and the counts."""

from datetime import UTC, datetime, timedelta

import pytest

from local.customer_profiles import upload_urls

DOMAIN = "audiences"
FIELDS = {
    "user_id": {"Source": "_source.user_id", "Target": "_profile.AccountNumber"},
    "email": {
        "Source": "_source.email",
        "Target": "_profile.PersonalEmailAddress",
        "ContentType": "EMAIL_ADDRESS",
    },
    "phone": {"Source": "_source.phone", "Target": "_profile.PhoneNumber", "ContentType": "PHONE_NUMBER"},
    "aff": {"Source": "_source.aff", "Target": "_profile.Attributes.aff_genres_action"},
}
HEADER = "user_id,email,phone,aff\n"


def summary(job):
    counts = job["ResultsSummary"]
    return counts["CreatedRecords"], counts["UpdatedRecords"], counts["FailedRecords"]


def find(profiles, key, value):
    return profiles.search_profiles(DomainName=DOMAIN, KeyName=key, Values=[value])["Items"]


def test_rows_create_profiles_and_the_next_upload_updates_them(upload, profiles, service):
    first = upload(
        HEADER + "1,ada@example.com,+1 206-555-0100,run1\n2,bob@example.org,,run1\n", FIELDS, "user_id"
    )
    assert (first["Status"], summary(first), first["DataExpiry"]) == ("SUCCEEDED", (2, 0, 0), 14)
    second = upload(HEADER + "2,,,run2\n3,,,run2\n3,,+12065550101,\n", FIELDS, "user_id", DataExpiry=30)
    assert (second["Status"], summary(second)) == ("SUCCEEDED", (1, 2, 0))

    (bob,) = find(profiles, "_account", "2")
    assert bob["PersonalEmailAddress"] == "bob@example.org"
    assert bob["Attributes"] == {"aff_genres_action": "run2"}
    assert find(profiles, "user_id", "2")[0]["ProfileId"] == bob["ProfileId"]
    store = service.domains[DOMAIN].profiles
    left = store.expires_at[bob["ProfileId"]] - datetime.now(UTC)
    assert timedelta(days=29) < left <= timedelta(days=30)
    (ada,) = find(profiles, "_phone", "12065550100")
    assert store.expires_at[ada["ProfileId"]] - datetime.now(UTC) <= timedelta(days=14)
    assert "Stats" in profiles.get_domain(DomainName=DOMAIN)
    assert profiles.get_domain(DomainName=DOMAIN)["Stats"]["ProfileCount"] == 3


def test_a_profile_made_by_the_api_is_found_by_the_target_of_the_unique_key(upload, profiles):
    made = profiles.create_profile(DomainName=DOMAIN, AccountNumber="7", FirstName="Ada")
    job = upload(HEADER + "7,,,run1\n", FIELDS, "user_id")

    assert summary(job) == (0, 1, 0)
    (ada,) = find(profiles, "_account", "7")
    assert (ada["ProfileId"], ada["FirstName"]) == (made["ProfileId"], "Ada")


def test_pinpoint_style_columns_with_dots_can_be_mapped(upload, service):
    fields = {
        "User.UserId": {"Source": "_source.User.UserId", "Target": "_profile.Attributes.user_id"},
        "City": {"Source": "_source.Location.City", "Target": "_profile.Address.City"},
    }
    upload("Location.City,User.UserId,Ignored\nParis,u1,x\n", fields, "User.UserId")

    (profile,) = service.domains[DOMAIN].profiles.by_id.values()
    assert profile["Attributes"] == {"user_id": "u1"}
    assert profile["Address"] == {"City": "Paris"}


@pytest.mark.parametrize(
    "bad",
    [
        ",ada@example.com,,x",  # no unique key
        "9,not an address,,x",
        "9,,12,x",
        "9,,call me,x",
        "9,,," + "v" * 256,
        "9,x@example.com",  # too few cells
        "9,,,x,y",
    ],
)
def test_a_bad_row_fails_alone(upload, bad):
    job = upload(f"{HEADER}1,,,x\n{bad}\n", FIELDS, "user_id")
    assert (job["Status"], summary(job)) == ("PARTIALLY_SUCCEEDED", (1, 0, 1))
    assert "StatusReason" not in job


@pytest.mark.parametrize(
    "text",
    [
        "",
        HEADER,
        "user_id,email\n1,a@example.com\n",
        "user_id,user_id,email,phone,aff\n1,1,,,\n",
        b"user_id\n\xff\n",
    ],
)
def test_a_file_that_does_not_fit_the_job_fails_validation(upload, service, text):
    job = upload(text, FIELDS, "user_id")
    assert (job["Status"], job["StatusReason"]) == ("FAILED", "VALIDATION_FAILURE")
    assert "ResultsSummary" not in job
    assert service.domains[DOMAIN].profiles.by_id == {}


def test_a_file_of_bad_rows_only_fails_with_counts(upload):
    job = upload(HEADER + ",,,x\n", FIELDS, "user_id")
    assert (job["Status"], job["StatusReason"], summary(job)) == ("FAILED", "VALIDATION_FAILURE", (0, 0, 1))


def test_expired_profiles_vanish(upload, profiles, service):
    upload(HEADER + "1,,,x\n", FIELDS, "user_id", DataExpiry=1)
    store = service.domains[DOMAIN].profiles
    store.drop_expired(datetime.now(UTC) + timedelta(hours=23))
    assert len(find(profiles, "_account", "1")) == 1
    store.drop_expired(datetime.now(UTC) + timedelta(hours=25))
    assert find(profiles, "_account", "1") == []


@pytest.fixture
def job_path(profiles):
    job = profiles.create_upload_job(DomainName=DOMAIN, DisplayName="f", Fields=FIELDS, UniqueKey="user_id")
    return profiles.get_upload_job_path(DomainName=DOMAIN, JobId=job["JobId"])


def test_the_path_is_on_this_emulator_and_valid_for_a_while(job_path):
    assert job_path["Url"].startswith("http://127.0.0.1:4566/_local/customer-profiles/uploads/")
    assert job_path["ValidUntil"] > datetime.now(UTC)


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"algorithm": None}, 403, b"SignatureDoesNotMatch"),
        ({"key": None}, 403, b"SignatureDoesNotMatch"),
        ({"key_MD5": None}, 403, b"SignatureDoesNotMatch"),
        ({"algorithm": "AES128"}, 400, b"InvalidEncryptionAlgorithmError"),
        ({"key": "b3RoZXI="}, 403, b"AccessDenied"),
        ({"key_MD5": "b3RoZXI="}, 400, b"InvalidArgument"),
        ({"key_MD5": "?"}, 400, b"InvalidArgument"),
        ({"method": "GET"}, 405, b"MethodNotAllowed"),
    ],
)
def test_the_key_must_be_sent_as_s3_wants_it(put_file, job_path, changed, status, code):
    answer = put_file(job_path, HEADER, **changed)
    assert answer[0] == status
    assert b"<Code>" + code + b"</Code>" in answer[2]
    assert put_file(job_path, HEADER) == (200, {}, b"")


def test_a_path_is_for_one_job_and_not_for_ever(put_file, job_path, service, monkeypatch):
    url = job_path["Url"]
    job_id = url.split("?")[0].rsplit("/", 1)[-1]
    for wrong in (
        url.replace(job_id, "0" * 32),
        url[:-1] + "x",
        url.replace("expires=1", "expires=2"),
        url.split("?")[0],
    ):
        assert put_file({**job_path, "Url": wrong}, HEADER)[0] == 403
    monkeypatch.setattr(upload_urls, "VALID_SECONDS", -1)
    expired, _ = upload_urls.make_url("http://h", job_id, service.url_secret)
    assert b"Request has expired" in put_file({**job_path, "Url": expired}, HEADER)[2]


def test_a_job_starts_once_with_a_file_and_can_be_stopped(profiles, put_file, cloud):
    def new():
        job = profiles.create_upload_job(
            DomainName=DOMAIN, DisplayName="f", Fields=FIELDS, UniqueKey="user_id"
        )
        return {"DomainName": DOMAIN, "JobId": job["JobId"]}

    def status(job):
        return profiles.get_upload_job(**job)["Status"]

    cloud.paused = []
    first, second = new(), new()
    with pytest.raises(profiles.exceptions.BadRequestException, match="No file"):
        profiles.start_upload_job(**first)
    put_file(profiles.get_upload_job_path(**first), HEADER + "1,,,x\n")
    profiles.start_upload_job(**first)
    assert status(first) == "IN_PROGRESS"
    with pytest.raises(profiles.exceptions.BadRequestException):
        profiles.start_upload_job(**first)
    profiles.stop_upload_job(**first)
    cloud.paused.pop()()
    assert status(first) == "STOPPED"
    assert profiles.get_domain(DomainName=DOMAIN)["Stats"]["ProfileCount"] == 0
    with pytest.raises(profiles.exceptions.BadRequestException):
        profiles.stop_upload_job(**first)
    listed = profiles.list_upload_jobs(DomainName=DOMAIN, MaxResults=1)
    assert listed["Items"][0]["JobId"] == second["JobId"]
    rest = profiles.list_upload_jobs(DomainName=DOMAIN, NextToken=listed["NextToken"])
    assert [j["Status"] for j in rest["Items"]] == ["STOPPED"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"UniqueKey": "nothing"},
        {"Fields": {"a": {"Target": "_profile.Shoes"}}, "UniqueKey": "a"},
        {"Fields": {"a": {"Target": "_profile.Address.Planet"}}, "UniqueKey": "a"},
        {"DataExpiry": 1099},
        {"Fields": {"a": {"ContentType": "SHOE"}}},
    ],
)
def test_a_job_that_cannot_work_is_refused(profiles, wrong):
    request = {"DomainName": DOMAIN, "DisplayName": "f", "Fields": FIELDS, "UniqueKey": "user_id", **wrong}
    with pytest.raises(profiles.exceptions.BadRequestException):
        profiles.create_upload_job(**request)
    with pytest.raises(profiles.exceptions.ResourceNotFoundException):
        profiles.get_upload_job(DomainName=DOMAIN, JobId="0" * 32)
