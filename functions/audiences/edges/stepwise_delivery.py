"""Opens a delivery for one step of a workflow: manifest, journal, lease and client."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from audiences.delivery.model import STAGE, Prepared
from audiences.delivery.outcome import rehearsed_result, stage_result
from audiences.delivery.patience import Patience
from audiences.delivery.uploader import find_uploader
from audiences.edges.audience_files import list_objects
from audiences.edges.delivery_store import S3Store, read_prepared
from audiences.edges.http import HttpsClient
from audiences.edges.lease import Lease
from audiences.edges.s3_files import delete_all, read_json, split_uri, write_json
from audiences.edges.secrets import open_secret
from audiences.edges.stage_log import begin_stage, end_stage
from audiences.errors import DataError
from audiences.preparation.shape import find_shape
from audiences.runs import safe_name
from audiences.uploads.stepwise import ManagedClient, StepwiseDelivery

if TYPE_CHECKING:
    from collections.abc import Iterator

    from audiences.delivery.client import Client
    from audiences.delivery.uploader import Uploader
    from audiences.uploads.drop_client import Place

_HAPPENED = {"failed": "Audience Delivery Failed", "skipped": "Audience Delivery Skipped"}
_STEP_SECONDS = 1800.0  # twice the longest life of a function, so that the wait between two steps is covered


@dataclass(frozen=True)
class KeptPlace:
    """Where a batch goes. asked: places asked for while each was young; at: seconds since the epoch."""

    place: Place
    asked: int
    at: float = 0.0

    def is_young(self, delivery: StepwiseDelivery) -> bool:
        """Tell whether it may be used: an address, or an uploaded file, does not last (`place_minutes`)."""
        return delivery.patience.clock() - self.at < delivery.uploader.place_minutes * 60


def read_manifest(uri: str) -> Prepared:
    """Read the manifest of a delivery. DataError when it is none."""
    return read_prepared(*split_uri(uri))


@contextmanager
def open_step(uri: str, holder: str, context: Any) -> Iterator[StepwiseDelivery]:
    """Yield the delivery of a manifest for one step; the execution `holder` has the audience's lease.

    The lease is kept for the next step; `end_delivery` lets it go. RetryLater while another delivery has it.
    """
    prepared = read_manifest(uri)
    uploader = find_uploader(prepared.platform)
    lease = _lease(prepared)
    lease.take(holder, _STEP_SECONDS + uploader.poll_seconds)
    store = S3Store(os.environ["AUDIENCE_BUCKET"], prepared)
    left = context.get_remaining_time_in_millis() / 1000 if context else 900
    patience = Patience(deadline=time.time() + left, reserve=20)
    client = _client(prepared, uploader)
    yield StepwiseDelivery(prepared, uploader, find_shape(prepared.platform), client, store, patience)


def _client(prepared: Prepared, uploader: Uploader) -> Client:
    if uploader.make is ManagedClient:
        return ManagedClient()
    secret = open_secret(os.environ["PLATFORM_SECRET_ARN"])
    http = HttpsClient(
        secret.get("base_url") or uploader.base_url, uploader.all_hosts(secret), read_seconds=300
    )  # a part is up to 64 MiB
    return uploader.make(http, secret, prepared.destination)


def begin(delivery: StepwiseDelivery) -> None:
    """Tell the run that the delivery has begun, unless it goes on."""
    prepared = delivery.prepared
    if not delivery.entries:
        title = f"{prepared.audience} to {prepared.platform}"
        begin_stage(prepared.run_id, STAGE, prepared.name, title, own_run=prepared.own_run)


def rehearse(delivery: StepwiseDelivery, holder: str) -> None:
    """Check credentials, audience and every part, and end the delivery there."""
    prepared, outcome = delivery.prepared, delivery.rehearse()
    uri = delivery.store.uri("receipt").removesuffix(".json") + ".dry-run.json"
    write_json(uri, outcome.receipt)
    result = rehearsed_result(prepared, outcome, delivery.uploader.pattern, uri)
    end_stage(prepared.run_id, result, "Audience Delivery Skipped", [{**result.data, "failure": None}])
    release(prepared, holder)


def close(delivery: StepwiseDelivery, holder: str) -> str:
    """Write rejects, ledger and receipt, tell run and bus, let the next delivery begin; return the status."""
    prepared = delivery.prepared
    outcome = delivery.done() or delivery.finish(delivery.open())
    result = stage_result(prepared, outcome, delivery.store.uri("receipt"))
    happened = _HAPPENED.get(result.status, "Audience Delivered")
    end_stage(prepared.run_id, result, happened, [{**result.data, "failure": result.failure}])
    forget_work(prepared)
    release(prepared, holder)
    return result.status


def release(prepared: Prepared, holder: str) -> None:
    """Let the next delivery to the audience begin."""
    lease = _lease(prepared)
    lease.take(holder, 60)
    lease.release()


def _lease(prepared: Prepared) -> Lease:
    bucket = os.environ["AUDIENCE_BUCKET"]
    return Lease(f"s3://{bucket}/deliveries/{prepared.platform}/{prepared.key}/lease.json", prepared.run)


def work_prefix(prepared: Prepared) -> str:
    """Return the folder, with its slash, for what a delivery needs meanwhile; a lifecycle rule empties it."""
    return (
        f"s3://{os.environ['AUDIENCE_BUCKET']}/work/{STAGE}/{prepared.platform}/{safe_name(prepared.name)}/"
    )


def keep_place(delivery: StepwiseDelivery, entry: str, place: Place) -> None:
    """Keep where a batch goes: an address that opens by itself must not be in a state."""
    uri, now = _place_uri(delivery, entry), delivery.patience.clock()
    try:
        kept = KeptPlace(**read_json(uri))
        asked = kept.asked if kept.is_young(delivery) else 0
    except DataError:
        asked = 0
    write_json(uri, asdict(KeptPlace(place, asked + 1, now)))


def read_place(delivery: StepwiseDelivery, entry: str) -> KeptPlace:
    """Read where a batch goes."""
    return KeptPlace(**read_json(_place_uri(delivery, entry)))


def _place_uri(delivery: StepwiseDelivery, entry: str) -> str:
    return f"{work_prefix(delivery.prepared)}places/{entry}.json"


def forget_work(prepared: Prepared) -> None:
    """Delete what was needed only meanwhile: places, and copies of parts that were sent."""
    bucket, prefix = split_uri(work_prefix(prepared))
    delete_all([f"s3://{bucket}/{item.key}" for item in list_objects(bucket, prefix)])
