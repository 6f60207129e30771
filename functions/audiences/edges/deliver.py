"""One delivery with S3, Secrets Manager and the platform at its ends, and its place in the run record."""

from __future__ import annotations

import os
import random
import time
from functools import cache
from typing import TYPE_CHECKING, Any

from audiences.delivery import Delivery, Outcome, Patience, find_uploader
from audiences.delivery.message import Message
from audiences.delivery.model import STAGE
from audiences.delivery.outcome import failed_result, rehearsed_result, stage_result, unreadable_result
from audiences.edges.audience_files import list_objects
from audiences.edges.delivery_queue import bury, send_later
from audiences.edges.delivery_store import S3Store, read_prepared
from audiences.edges.http import HttpsClient
from audiences.edges.lease import Lease
from audiences.edges.s3_files import read_json, write_json
from audiences.edges.secrets import open_secret
from audiences.edges.stage_log import begin_stage, end_stage
from audiences.errors import AudienceError, DataError, RetryLater, SetupError
from audiences.failures import unexpected
from audiences.preparation.shape import find_shape
from audiences.runs import PENDING, StageResult

if TYPE_CHECKING:
    from audiences.delivery import Prepared

_HOLD = 120.0  # seconds a lease outlives the wait for a continuation
_DONE = {
    "succeeded": "Audience Delivered",
    "partial": "Audience Delivered",
    "skipped": "Audience Delivery Skipped",
}
FAILED = "Audience Delivery Failed"
_WRONG_QUEUE = "Delete the message and announce the manifest again: docs/how-to/redrive-a-delivery.md."


@cache
def open_http(base_url: str, hosts: tuple[str, ...]) -> HttpsClient:
    """Return the connection to a platform, kept alive between invocations."""
    return HttpsClient(base_url, hosts)


def deliver(bucket: str, key: str, *, holder: str, seconds: float) -> Outcome:
    """Deliver the manifest at `key` within `seconds`. Raises the four errors, the final ones recorded.

    holder: names this invocation, for the lease.
    """
    prepared = _read(bucket, key)
    store = S3Store(bucket, prepared)
    lease = Lease(f"s3://{bucket}/deliveries/{prepared.platform}/{prepared.key}/lease.json", prepared.run)
    lease.take(holder, seconds + 15)
    try:
        delivery = _open(prepared, store, seconds)
        _begin(prepared, delivery)
        outcome = delivery.rehearse() if _is_dry() else delivery.run()
        _end(prepared, store, outcome)
    except RetryLater as error:
        lease.keep_for((error.retry_after or 0) + _HOLD)
        raise
    except (SetupError, DataError) as error:
        record_failure(prepared, error.as_failure())
        lease.release()
        raise
    lease.release()
    return outcome


def _read(bucket: str, key: str) -> Prepared:
    """Read the manifest. DataError when it cannot be used; a run that waits for this delivery is told so."""
    if key.startswith("prepared/") and not key.startswith(f"prepared/{os.environ['PLATFORM']}/"):
        raise DataError(
            f"{key} is not for {os.environ['PLATFORM']}.", "It is in another platform's queue.", _WRONG_QUEUE
        )
    try:
        return read_prepared(bucket, key)
    except (SetupError, DataError) as error:
        _record_unreadable(bucket, key, error)
        raise


def _record_unreadable(bucket: str, key: str, error: AudienceError) -> None:
    """Write down that nothing can be delivered, where the key names a run that was promised the delivery."""
    if key.count("/") != 4 or bucket != os.environ["AUDIENCE_BUCKET"]:
        return
    run_id, result = unreadable_result(key, error.as_failure())
    if run_id and list_objects(bucket, f"runs/{run_id}/stages/"):
        end_stage(run_id, result, FAILED, [_event(result)])


def _open(prepared: Prepared, store: S3Store, seconds: float) -> Delivery:
    uploader = find_uploader(prepared.platform)
    secret = open_secret(os.environ["PLATFORM_SECRET_ARN"])
    http = open_http(secret.get("base_url") or uploader.base_url, uploader.all_hosts(secret))
    client = uploader.make(http, secret, prepared.destination)
    patience = Patience(deadline=time.time() + seconds)
    return Delivery(prepared, uploader, find_shape(prepared.platform), client, store, patience)


def _is_dry() -> bool:
    return os.environ.get("DRY_RUN", "false") == "true"


def _begin(prepared: Prepared, delivery: Delivery) -> None:
    if delivery.entries:
        return  # it goes on: the run knows of it
    title = f"{prepared.audience} to {prepared.platform}"
    begin_stage(prepared.run_id, STAGE, prepared.name, title, own_run=prepared.own_run)


def _end(prepared: Prepared, store: S3Store, outcome: Outcome) -> None:
    """Tell the run and the bus, unless an earlier attempt did before it was cut off."""
    if outcome.receipt.get("dry_run"):
        uri = store.uri("receipt").removesuffix(".json") + ".dry-run.json"
        write_json(uri, outcome.receipt)
        result = rehearsed_result(prepared, outcome, find_uploader(prepared.platform).pattern, uri)
    else:
        result = stage_result(prepared, outcome, store.uri("receipt"))
    if outcome.repeated and _is_recorded(prepared, result):
        return
    end_stage(prepared.run_id, result, _DONE.get(result.status, FAILED), [_event(result)])


def _is_recorded(prepared: Prepared, result: StageResult) -> bool:
    try:
        saved = read_json(f"s3://{os.environ['AUDIENCE_BUCKET']}/{result.key(prepared.run_id)}")
    except DataError:
        return False
    return StageResult.from_json(saved).status != PENDING


def _event(result: StageResult) -> dict[str, Any]:
    return {**result.data, "failure": result.failure}


def record_failure(prepared: Prepared, failure: dict[str, str]) -> None:
    """Write down that a delivery was given up, and why."""
    manifest = f"s3://{os.environ['AUDIENCE_BUCKET']}/prepared/{prepared.name}/manifest.json"
    result = failed_result(prepared, find_uploader(prepared.platform).pattern, failure, manifest)
    end_stage(prepared.run_id, result, FAILED, [_event(result)])


def put_off(message: Message, error: RetryLater, now: float) -> int:
    """Send the rest of a delivery to later, or give it up when its patience is at its end. Returns the seconds."""
    rest, delay = message.later(error, now, random.random())  # noqa: S311  # spreads retries, guards nothing
    hours = float(os.environ["DELIVERY_PATIENCE_HOURS"])
    if not rest.since or now - rest.since <= hours * 3600:
        send_later(rest, delay)
        return delay
    given_up = SetupError(
        f"Given up after {hours:g} hours. {error.what}", error.why, "Redrive when it answers again."
    )
    record_failure(read_prepared(message.bucket, message.key), given_up.as_failure())
    bury(Message(message.bucket, message.key).body(), given_up.as_failure())
    return delay


def give_up(body: str, kind: str) -> None:
    """End a delivery that failed with the exception `kind` as often as the queue repeats a message."""
    failure = unexpected(kind, "Read the function's log, then redrive: docs/how-to/redrive-a-delivery.md.")
    try:
        message = Message.read(body)
        record_failure(read_prepared(message.bucket, message.key), failure)
    except (SetupError, DataError):
        pass  # it names no delivery of which a run could be told
    bury(body, failure)
