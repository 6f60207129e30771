"""The end of a delivery: what the platform refused stays out of the ledger, then the receipt is written."""

from __future__ import annotations

import tempfile
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audiences.delivery.ledger import with_still_there, without_refused
from audiences.delivery.opening import merged
from audiences.delivery.outcome import build_receipt
from audiences.delivery.refused import values_of
from audiences.delivery.store import LedgerState
from audiences.preparation.ledger import write_ledger
from audiences.preparation.told_csv import write_told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from audiences.delivery.engine import Delivery
    from audiences.delivery.model import Audience


def close_books(delivery: Delivery, audience: Audience, told: Mapping[str, Any]) -> dict[str, Any]:
    """Write rejects, ledger and receipt, in this order, and return the receipt."""
    prepared, store = delivery.prepared, delivery.store
    refused, still_there = _refused_values(delivery, "add", "replace"), _refused_values(delivery, "remove")
    rejects = store.put_rejects(_rejects_text(delivery)) if refused or still_there else ""
    _update_ledger(delivery, refused, still_there)
    receipt = build_receipt(
        prepared,
        audience,
        delivery.batches(),
        pattern=delivery.uploader.pattern,
        one_identifier=delivery.shape.one_identifier,
        at=delivery.now(),
        told={**told, **_warnings(delivery, audience)},
        ledger=store.ledger().sha256,
        rejects=rejects,
        manifest=store.uri("manifest"),
    )
    for run in delivery.plan().get("overtakes", ()):
        store.overtake(run, prepared.run)
    store.put_receipt(receipt)
    return receipt


def _warnings(delivery: Delivery, audience: Audience) -> dict[str, Any]:
    plan = delivery.plan()
    warnings = [plan["reset"]] if "reset" in plan else []
    if (
        delivery.prepared.mirrors
        and not plan["now"]
        and not audience.created
        and not delivery.uploader.replace
    ):
        warnings.append("The audience existed before; who was in it and is not in the segment stays in it.")
    unnamed = sum(
        entry["result"]["rejected"] - len(entry["result"]["refused"]) for entry in delivery.batches().values()
    )
    memory, secret = delivery.shape.memory, getattr(delivery.client, "secret", None)
    name = memory.setting if memory else ""
    if name and secret and secret.get(name) and not delivery.prepared.destination.get(name):
        warnings.append(
            f"{name} is in the secret, where preparation does not look: people who stay may be sent again too late."
            " Put it into the activation's destinations."
        )
    if unnamed:
        warnings.append(f"{unnamed:,} refused rows are counted but not named by the platform.")
    told = [entry["result"].get("told", {}).get("warning") for entry in delivery.batches().values()]
    warnings += dict.fromkeys(warning for warning in told if warning)
    return {"warnings": warnings} if warnings else {}


def _refused(delivery: Delivery) -> Iterator[tuple[str, str, list[tuple[int, str]]]]:
    """Yield (operation, file, [(row, reason)]) of batches with refused rows that are known."""
    for name, entry in delivery.batches().items():
        result = entry["result"]
        rows = [(int(at), str(why)) for at, why in result["refused"]]
        if not rows and result["rejected"] == entry["rows"] > 0:
            reason = next(iter(result["reasons"]), "refused")
            rows = [(at, reason) for at in range(entry["rows"])]
        if rows:
            yield name.split("-")[0], entry["file"], rows


def _refused_values(delivery: Delivery, *operations: str) -> set[str]:
    """Return what stood in the refused rows of these operations."""
    parts = {part.file: part for part in delivery.parts()}
    found: set[str] = set()
    for operation, file, rows in _refused(delivery):
        if operation not in operations:
            continue
        part = parts[file]
        fields = (part.identifier,) if part.identifier else delivery.prepared.fields
        kind = delivery.shape.kind_for(fields)
        found |= values_of(delivery.store.read_part(part), kind, [at for at, _ in rows])
    return found


def _rejects_text(delivery: Delivery) -> str:
    text = StringIO()
    rows = ((file, at + 1, reason) for _, file, refused in _refused(delivery) for at, reason in refused)
    write_told(text, chain([("file", "row", "reason")], rows))
    return text.getvalue()


def _merged_lines(delivery: Delivery, held: LedgerState) -> Iterator[str]:
    store = delivery.store
    now = store.ledger_lines(held.sha256) if held.sha256 else iter(())
    return (
        one.keep for one in merged(delivery.prepared, store, delivery.plan()["based_on"], now) if one.keep
    )


def _update_ledger(delivery: Delivery, refused: set[str], still_there: set[str]) -> None:
    """Make the wanted list the ledger: as it is, or merged with what others did, with what the platform refused.

    Whom it did not take is left out, and whom it would not let go stays, so that the next run tries again.
    """
    prepared, store = delivery.prepared, delivery.store
    held, based_on = store.ledger(), delivery.plan()["based_on"]
    if held.run == prepared.run:
        store.note_ledger(held)  # a crash came between ledger and receipt, perhaps before the note
        return
    newest = max(held.newest, prepared.order)
    as_wanted = held.sha256 == based_on or prepared.mirrors or delivery.shape.whole
    as_wanted = as_wanted or "reset" in delivery.plan()
    if as_wanted and not refused and not still_there:
        state = LedgerState(
            prepared.wanted_sha256, prepared.run, newest, delivery.now(), people=prepared.after
        )
        store.put_ledger(state, None)
        return
    lines = store.wanted_lines() if as_wanted else _merged_lines(delivery, held)
    gone = "reset" in delivery.plan() or not held.sha256
    if refused:
        before = iter(()) if gone else store.ledger_lines(held.sha256)
        lines = without_refused(lines, refused, before, whole_rows=not delivery.shape.one_identifier)
    if still_there and not gone:
        lines = with_still_there(lines, still_there, store.ledger_lines(held.sha256))
    with tempfile.TemporaryDirectory(prefix="ledger-") as name:
        path = Path(name) / "ledger.tsv.gz"
        with write_ledger(path) as writer:
            for line in lines:
                writer.write(line)
        digest = writer.digest.hexdigest()
        state = LedgerState(digest, prepared.run, newest, delivery.now(), people=writer.count)
        store.put_ledger(state, path)
