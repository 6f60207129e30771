"""The ledger in the bucket: what a delivery noted of it decides, and copies are found where they are kept."""

import gzip
import hashlib
import json

import pytest
from audiences.delivery.store import LedgerState
from audiences.edges.ledgers import S3Lists, find_base, with_base
from audiences.errors import DataError
from audiences.preparation.plan import Inputs
from audiences.preparation.request import Request

LINES = b"a\temail=1\nb\temail=2\n"
SHA = hashlib.sha256(LINES).hexdigest()
LEDGER, HOME = "ledger/meta/Lovers.tsv.gz", "deliveries/meta/Lovers/"
RUN = "prepared/meta/Lovers/run-1/"


@pytest.fixture
def bucket(cloud):
    """A bucket after the first delivery."""
    cloud.objects.delete()
    cloud.put_object(Key=f"{RUN}wanted.tsv.gz", Body=gzip.compress(LINES))
    cloud.put_object(
        Key=f"{RUN}manifest.json", Body=json.dumps({"files": {"wanted.tsv.gz": {"sha256_unpacked": SHA}}})
    )
    cloud.put_object(Key=f"{HOME}audience.json", Body=b'{"id": "1"}')
    lists = S3Lists(cloud.name, "meta", "Lovers")
    state = LedgerState(SHA, "run-1", "1", "2026-11-21T10:00:00.000+00:00", people=2)
    lists.keep(state, f"s3://{cloud.name}/{RUN}wanted.tsv.gz")
    return cloud


def base(bucket, mode="add"):
    return find_base(bucket.name, Request(platform="meta", audience="Lovers", mode=mode))


def test_the_ledger_as_it_was_written_is_compared_with(bucket):
    found = base(bucket)
    assert (found.where, found.sha256, found.notes) == (f"s3://{bucket.name}/{LEDGER}", SHA, ())


@pytest.mark.parametrize("body", [None, b"", b"no gzip", gzip.compress(b"z\temail=9\n")])
def test_what_was_prepared_last_stands_in_for_a_ledger_that_somebody_touched(bucket, body):
    bucket.Object(LEDGER).delete() if body is None else bucket.put_object(Key=LEDGER, Body=body)
    found = base(bucket)
    assert (found.where, found.sha256, found.before) == (f"s3://{bucket.name}/{RUN}wanted.tsv.gz", SHA, 2)
    assert "is gone or is not what the last delivery wrote" in found.notes[0]
    inputs = with_base(Inputs(segments=[], identities=[]), found)
    with inputs.ledger.open() as file:
        assert gzip.decompress(file.read()) == LINES


def test_an_older_version_that_somebody_put_back_is_not_taken_for_the_newest(bucket):
    newer = b"a\temail=1\n"
    digest = hashlib.sha256(newer).hexdigest()
    bucket.put_object(Key="x", Body=gzip.compress(newer))
    old = bucket.Object(LEDGER).get()
    state = LedgerState(digest, "run-2", "2", "2026-11-22T10:00:00.000+00:00", people=1)
    S3Lists(bucket.name, "meta", "Lovers").keep(state, f"s3://{bucket.name}/x")
    bucket.put_object(Key=LEDGER, Body=old["Body"].read(), Metadata=old["Metadata"])
    assert base(bucket).problem.what.endswith(
        f"s3://{bucket.name}/{LEDGER} is not what the last delivery wrote."
    )
    assert "Run run-2 left 1 person there" in base(bucket).problem.why


def test_what_a_former_version_delivered_is_told_by_its_last_receipt(bucket):
    bucket.Object(f"{HOME}ledger.json").delete()
    assert base(bucket).where.endswith(LEDGER)
    bucket.Object(LEDGER).delete()
    for run, told in (
        ("run-0", {"ledger": "0" * 64, "audience_size": 9}),
        ("run-1", {"ledger": SHA}),
        ("run-2", {}),
    ):
        bucket.put_object(Key=f"{HOME}{run}.json", Body=json.dumps({"audience": "Lovers", **told}))
    assert base(bucket).where.endswith("run-1/wanted.tsv.gz")


def test_a_ledger_that_no_delivery_wrote_is_not_used_and_that_is_told(bucket):
    for key in (f"{HOME}ledger.json", f"{HOME}audience.json"):
        bucket.Object(key).delete()
    bucket.put_object(Key=LEDGER, Body=gzip.compress(LINES))
    found = base(bucket)
    assert (found.where, found.problem) == ("", None)
    assert "was not written by a delivery of this audience" in found.notes[0]


@pytest.mark.parametrize("text", ["[]", '{"sha256": 1}', '{"other": "x"}', "no json"])
def test_a_note_that_somebody_changed_is_told(bucket, text):
    bucket.put_object(Key=f"{HOME}ledger.json", Body=text)
    with pytest.raises(DataError, match=r"ledger\.json is not"):
        base(bucket)
    bucket.Object(f"{HOME}ledger.json").delete()  # what the error says
    assert base(bucket).where.endswith(LEDGER)


def test_without_a_copy_a_mirror_replaces_and_everything_else_asks_a_person(bucket):
    bucket.objects.filter(Prefix="prepared/").delete()
    bucket.Object(LEDGER).delete()
    assert (base(bucket, "mirror").problem, base(bucket, "mirror").before) == (None, 2)
    with pytest.raises(DataError, match=r"(?s)is lost.*version of 2026-11-21T10.*mode \"mirror\" once"):
        with_base(Inputs(segments=[], identities=[]), base(bucket))
