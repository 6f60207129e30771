"""The beginning of a delivery: which audience, and what to tell beyond the parts."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audiences.delivery.known import refuse_foreign
from audiences.delivery.ledger import merge
from audiences.delivery.model import Audience
from audiences.errors import DataError, SetupError
from audiences.preparation.ledger import HASHED, SIGNAL, parts_of, said_in
from audiences.preparation.parts import PartWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from audiences.delivery.client import Client
    from audiences.delivery.ledger import Merged
    from audiences.delivery.model import Prepared
    from audiences.delivery.store import Store
    from audiences.preparation.shape import Shape


def find_or_create(prepared: Prepared, client: Client, store: Store, account: str) -> Audience:
    """Return the audience of the activation's name.

    Names are looked up before one is made, so repeats make no double. The caller keeps what it is.
    """
    known = store.audience()
    if known:
        refuse_foreign(prepared, known, store.uri("audience"))
    if known and known["account"] != account:
        raise SetupError(
            f"{prepared.audience} on {prepared.platform} was delivered to another account before.",
            "Its ledger says what that account holds, so only a difference would be sent.",
            "Give the audience another name in the activation, or go back to the old account.",
        )
    if known:
        return Audience(str(known["id"]), prepared.audience)
    found = client.find_audience(prepared.audience)
    if found is None:
        made = client.create_audience(prepared.audience)
        found = Audience(made.id, prepared.audience, created=True)
    return found


def open_plan(prepared: Prepared, store: Store, shape: Shape, now: str) -> dict[str, Any]:
    """Return the journal's `plan`: when it began, the list it builds on, parts beyond the prepared."""
    ledger = store.ledger()
    if ledger.run and not ledger.sha256:
        # Without audience.json too, somebody begins anew: the next delivery is then a first one.
        store.note_ledger(ledger if store.audience() else replace(ledger, run=""))
    plan: dict[str, Any] = {"started": now, "now": ledger.sha256, "based_on": ledger.sha256, "extra": []}
    whole = prepared.mirrors or shape.whole
    plan |= {"order": prepared.order, "whole": whole}
    if whole and ledger.newest > prepared.order:
        return {**plan, "superseded_by": ledger.run}
    older = store.unfinished()
    newer = [run for run in older if whole and _is_newer(store.plan_of(run), prepared)]
    if newer:  # it broke off, and is to be redriven, not replaced by an older list
        return {**plan, "superseded_by": newer[-1]}
    plan["based_on"] = store.base_at(prepared.prepared_at) if prepared.based_on is None else prepared.based_on
    if not prepared.mirrors or shape.whole:
        return plan
    held = [ledger.sha256] if plan["based_on"] != ledger.sha256 else []
    if held or older:
        lists = [lambda sha256=sha256: _lines(store, sha256) for sha256 in held]
        lists += [lambda run=run: store.wanted_by(run) for run in older]
        plan |= {"extra": write_extra(prepared, store, shape, plan["based_on"], lists), "overtakes": older}
    return plan


def _is_newer(plan: Mapping[str, Any], prepared: Prepared) -> bool:
    """Tell whether another run's list is of everybody, and was chosen later. Former versions noted no order."""
    return bool(plan.get("whole")) and str(plan.get("order", "")) > prepared.order


def _lines(store: Store, sha256: str) -> Iterator[str]:
    return store.ledger_lines(sha256) if sha256 else iter(())


def merged(
    prepared: Prepared, store: Store, based_on: str, held: Iterable[str], *, whole: bool = False
) -> Iterator[Merged]:
    """Yield the three lists as one, `held` being what the platform has, or may have: see `ledger.merge`.

    whole: everybody wanted counts, in every mode, because the audience holds nobody.
    """
    mirror = whole or prepared.mirrors
    return merge(_lines(store, based_on), store.wanted_lines(), held, mirror=mirror)


def write_extra(
    prepared: Prepared,
    store: Store,
    shape: Shape,
    based_on: str,
    lists: Sequence[Callable[[], Iterable[str]]],
    *,
    whole: bool = False,
) -> list[dict[str, Any]]:
    """Write and keep parts for what others told the platform since the preparation looked, or may have.

    Adding who is there and removing who is not does no harm, so a run that broke off needs no exact record.
    """
    keys = [name for name in prepared.fields if name in shape.keys]
    back: set[str] = set()
    added: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="extra-") as name:
        signals = [name for name in prepared.fields if name in shape.signals]
        adds = _Extra(Path(name), shape, "add", [*keys, *signals])
        for held in lists:
            for one in merged(prepared, store, based_on, held(), whole=whole):
                back.update(one.take_back)
                if one.add and one.key not in added:
                    added.add(one.key)
                    adds.write(said_in(one.add))
        for line in store.wanted_lines() if back else ():
            back.difference_update(parts_of(line))
        removes = _Extra(Path(name), shape, "remove", keys)
        for part in sorted(back):
            removes.write([part])
        parts = [*adds.close(), *removes.close()]
        store.put_extra(Path(name))
    return parts


class _Extra:
    """Writes ledger lines as parts named `part-<operation>-extra…`."""

    def __init__(self, folder: Path, shape: Shape, operation: str, keys: list[str]) -> None:
        self._keys, self._single = keys, shape.one_identifier
        names: list[str | None] = list(keys) if shape.one_identifier else [None]
        self._writers = {
            name: PartWriter(folder, shape, f"{operation}-extra", [name] if name else keys, identifier=name)
            for name in names
        }
        self._operation = operation

    def write(self, ids: list[str]) -> None:
        values = dict(one.removeprefix(SIGNAL).split("=", 1) for one in ids)
        if any(value.startswith(HASHED) for value in values.values()):
            raise DataError(
                "The audience changed since this was prepared.",
                "The platform takes addresses as they are, and only their digests are kept.",
                "Upload the segment again: it is then compared with what the platform holds now.",
            )
        if not self._single:
            self._writers[None].write([values.get(name, "") for name in self._keys])
            return
        for name, value in values.items():
            self._writers[name].write([value])

    def close(self) -> list[dict[str, Any]]:
        parts: list[dict[str, Any]] = []
        for writer in self._writers.values():
            writer.close()
            parts += [{**asdict(part), "operation": self._operation} for part in writer.parts]
        return parts
