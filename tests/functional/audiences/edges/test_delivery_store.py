"""Lists of people that deliveries need for a while lie where they expire, and are found by digest and time."""

import gzip
import hashlib

import pytest
from audiences.delivery.model import PartFile, Prepared
from audiences.delivery.store import LedgerState
from audiences.edges.delivery_store import S3Store
from audiences.edges.outbox import put_in_outbox
from audiences.errors import DataError

PEOPLE = {"first": ["a\temail=1"], "second": ["a\temail=1", "b\temail=2"], "third": ["c\temail=3"]}
DAYS = dict(zip(PEOPLE, ("2026-11-01", "2026-11-02", "2026-11-03"), strict=True))


def packed(name):
    return gzip.compress("".join(f"{line}\n" for line in PEOPLE[name]).encode())


def digest(name):
    return hashlib.sha256(gzip.decompress(packed(name))).hexdigest()


def at(name):
    return f"{DAYS[name]}T10:00:00.000+00:00"


@pytest.fixture
def bucket(cloud, monkeypatch):
    monkeypatch.setenv("AUDIENCE_BUCKET", cloud.name)
    yield cloud
    cloud.objects.delete()


def prepared(run):
    return Prepared(
        run=run, run_id=run, own_run=True, platform="meta", audience="Film lovers", key="Film-lovers",
        mode="mirror", prepared_at=at("third"), destination={}, fields=("email",), counts={},
        reject_reasons={}, removals={}, before=0, after=0, parts=(), wanted_sha256="", based_on=None,
    )  # fmt: skip


@pytest.fixture
def stores(bucket, tmp_path):
    """One delivery after the other; the second and third lists are files of their own."""
    found = {}
    for name, lines in PEOPLE.items():
        run = f"run-{name}"
        bucket.put_object(Key=f"prepared/meta/Film-lovers/{run}/wanted.tsv.gz", Body=packed(name))
        found[name] = S3Store(bucket.name, prepared(run))
        path = tmp_path / name
        path.write_bytes(packed(name))
        state = LedgerState(digest(name), run, at(name), at(name), people=len(lines))
        found[name].put_ledger(state, None if name == "first" else path)
    return found


def keys(bucket, prefix):
    return [item.key for item in bucket.objects.filter(Prefix=prefix)]


def test_every_list_that_was_in_force_is_found_by_its_digest(stores):
    for name, lines in PEOPLE.items():
        assert list(stores["third"].ledger_lines(digest(name))) == lines


@pytest.mark.parametrize(
    ("time", "name"),
    [("2026-11-01T12", "first"), ("2026-11-02T10:00:00.000+00:00", "second"), ("2026-12", "third")],
)
def test_the_list_in_force_is_found_by_time(stores, time, name):
    assert stores["third"].base_at(time) == digest(name)


def test_before_the_first_list_there_was_none(stores):
    assert stores["third"].base_at("2026-10") == ""


def test_a_list_is_kept_for_a_while_only_when_another_has_replaced_it(bucket, stores):
    assert [key.rpartition("_")[2] for key in keys(bucket, "lists/meta/Film-lovers/past/")] == [
        f"{digest(name)}.tsv.gz" for name in ("first", "second")
    ]
    assert keys(bucket, "ledger/") == ["ledger/meta/Film-lovers.tsv.gz"]
    assert bucket.Object("ledger/meta/Film-lovers.tsv.gz").content_type == "application/gzip"
    assert stores["third"].ledger() == LedgerState(
        digest("third"), "run-third", at("third"), at("third"), "meta/Film-lovers", 1
    )


def test_a_crash_before_the_new_list_is_there_leaves_one_copy_of_the_old(bucket, stores, tmp_path):
    state = LedgerState("x", "run-fourth", at("third"), at("third"))
    with pytest.raises(FileNotFoundError):
        stores["third"].put_ledger(state, tmp_path / "gone")
    stores["third"].put_ledger(state, tmp_path / "first")
    assert len(keys(bucket, "lists/meta/Film-lovers/past/")) == 3


def test_an_expired_list_is_told_of(bucket, stores):
    bucket.objects.filter(Prefix="lists/").delete()
    with pytest.raises(DataError, match="not kept any more"):
        stores["third"].ledger_lines(digest("first"))


def test_rows_beyond_the_prepared_ones_are_lists_of_people_too(bucket, stores, tmp_path):
    folder = tmp_path / "extra"
    folder.mkdir()
    (folder / "part-add-extra-00000.csv").write_bytes(b"email\n1\n")
    stores["first"].put_extra(folder)
    part = PartFile("part-add-extra-00000.csv", "add", None, rows=1, bytes=8, sha256="")
    assert stores["first"].read_part(part) == b"email\n1\n"
    assert keys(bucket, "lists/meta/Film-lovers/run-first/") == [
        "lists/meta/Film-lovers/run-first/part-add-extra-00000.csv"
    ]
    staged = put_in_outbox(prepared("run-first"), part, "members.csv")
    assert bucket.Object(staged.split("/", 2)[2]).get()["Body"].read() == b"email\n1\n"


def test_what_deliveries_keep_for_good_names_nobody(bucket, stores):
    stores["first"].note("plan", {"started": at("first")})
    stores["first"].put_receipt({"status": "succeeded"})
    assert {key.rpartition(".")[2] for key in keys(bucket, "deliveries/")} == {"json"}
