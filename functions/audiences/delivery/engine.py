"""Takes one prepared audience to its platform; what is done is noted, so a repeat goes on where it ended."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from audiences.delivery.closing import close_books
from audiences.delivery.jobs import look, wait_for
from audiences.delivery.known import remember
from audiences.delivery.model import Audience, BatchResult, Outcome, PartFile
from audiences.delivery.opening import find_or_create, open_plan
from audiences.delivery.outcome import superseded
from audiences.delivery.plan import check_limits, plan_steps
from audiences.delivery.renewed import if_gone, whole_again
from audiences.delivery.sessions import SESSION, check, number_of, send_in_session
from audiences.delivery.store import Store
from audiences.errors import DataError, SetupError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from audiences.delivery.client import Client
    from audiences.delivery.model import Batch, Prepared
    from audiences.delivery.patience import Patience
    from audiences.delivery.plan import Step
    from audiences.delivery.uploader import Uploader
    from audiences.preparation.shape import Shape

__all__ = ["Delivery", "Store"]
_T = TypeVar("_T")
_RECORDS = ("plan", "audience", SESSION)  # journal entries that are no batches


class Delivery:
    """One delivery.

    The caller holds the audience's lease: two deliveries of one audience never run at once.
    """

    def __init__(
        self,
        prepared: Prepared,
        uploader: Uploader,
        shape: Shape,
        client: Client,
        store: Store,
        patience: Patience,
    ) -> None:
        """Read the journal: what it has is not done again."""
        self.prepared, self.uploader, self.shape = prepared, uploader, shape
        self.client, self.store, self.patience = client, store, patience
        noted = store.entries()
        self._void = {name for name, entry in noted.items() if entry.get("void")}
        self.entries = {name: entry for name, entry in noted.items() if name not in self._void}
        self._halt = threading.Event()

    def run(self) -> Outcome:
        """Deliver. RetryLater when it has to go on later, SetupError or DataError when it cannot."""
        ended = self.done()
        if ended is not None:
            return ended
        audience = self.open()
        while True:
            audience = self.send(audience)
            self.poll(audience)
            if not self.unsent(audience):  # else a job was forgotten by the platform
                return self.finish(audience)

    def done(self) -> Outcome | None:
        """Return how it ended when it has: delivered before, or overtaken by a newer list."""
        receipt = self.store.receipt()
        if receipt is not None and "overtaken_by" in receipt:
            return self._skip(str(receipt["overtaken_by"]))
        if receipt is not None:
            return Outcome(status=str(receipt["status"]), receipt=receipt, repeated=True)
        check_limits(self.prepared, self.shape)
        newer = self.plan().get("superseded_by")
        return self._skip(str(newer)) if newer else None

    def plan(self) -> Mapping[str, Any]:
        """Return how this delivery goes, decided once."""
        if "plan" not in self.entries:
            self.note("plan", open_plan(self.prepared, self.store, self.shape, self.now()))
        return self.entries["plan"]

    def open(self) -> Audience:
        """Find or create the audience, once."""
        noted = self.entries.get("audience")
        known = self.store.audience()
        now_known = str(known["id"]) if known else ""
        forgotten = noted is not None and bool(noted["id"]) and noted["id"] != now_known
        if noted is None or forgotten:
            account = self._account()
            found = self.patience.insist(
                lambda: find_or_create(self.prepared, self.client, self.store, account)
            )
            if forgotten:
                self.forget(self.batches())
            if known is None:
                self._send_whole(created=found.created or not found.id)
            entry = {"id": found.id, "name": found.name, "created": found.created, "account": account}
            if found.id:  # last: before it, a repeat would send everybody again
                remember(self.prepared, self.store, found.id, account)
            self.note("audience", entry, again=forgotten)
        noted = self.entries["audience"]
        return Audience(noted["id"], noted["name"], noted["created"])

    def forget(self, batches: Mapping[str, Mapping[str, Any]]) -> None:
        """Let what the journal has of these batches count for nothing."""
        for name, entry in batches.items():
            self.note(name, {**entry, "void": True}, again=True)
            del self.entries[name]
            self._void.add(name)

    def _send_whole(self, *, created: bool) -> None:
        """Send everybody where the ledger cannot be this audience's."""
        plan = whole_again(self.prepared, self.store, self.shape, self.plan(), created=created)
        if plan is not None:
            self.note("plan", plan, again=True)

    def ask(self, audience: Audience, call: Callable[[], _T]) -> _T:
        """Ask the platform; when the audience is gone, say that and what to do."""
        try:
            return self.patience.insist(call)
        except (SetupError, DataError) as error:
            told = if_gone(self.prepared, self.client, self.store, audience, error)
            if told is error:
                raise
            raise told from error

    def _account(self) -> str:
        setting = getattr(self.client, "setting", None)
        return str(setting(self.uploader.account)) if setting and self.uploader.account else ""

    def steps(self, audience: Audience) -> list[Step]:
        """Return the batches in order."""
        plan = self.plan()
        # What an audience held before there was a ledger is not known: only replacing makes it equal.
        takes_over = self.prepared.mirrors and not plan["now"] and not audience.created
        replace = self.uploader.replace if takes_over or self.shape.whole else ""
        return plan_steps(
            self.prepared, self.parts(), replace, plan["started"], self.store.read_part, number_of(self)
        )

    def unsent(self, audience: Audience) -> list[Batch]:
        """Return the batches that the journal does not have, in order."""
        steps = self.steps(audience)
        return [batch for step in steps for batch in step.batches if batch.entry not in self.entries]

    def parts(self) -> list[PartFile]:
        """Return the prepared parts and those the plan added."""
        return [*self.prepared.parts, *(PartFile(**part) for part in self.plan()["extra"])]

    def send(self, audience: Audience) -> Audience:
        """Send what the journal does not have, step by step. Returns the audience with its id."""
        for step in self.steps(audience):
            todo = [batch for batch in step.batches if batch.entry not in self.entries]
            if todo and not audience.id:
                audience = self._send_first(audience, todo.pop(0))
            if todo and step.operation == "replace" and self.uploader.session_minutes:
                send_in_session(self, audience)
            elif todo:
                self.send_all(audience, todo)
        return audience

    def _send_first(self, audience: Audience, batch: Batch) -> Audience:
        made = self._send_one(audience, batch)
        audience = Audience(made.audience_id, audience.name, created=True)
        self.note("audience", {**self.entries["audience"], "id": audience.id, "created": True}, again=True)
        remember(self.prepared, self.store, audience.id, self.entries["audience"]["account"])
        return audience

    def send_all(self, audience: Audience, batches: list[Batch]) -> None:
        """Send side by side as far as the platform likes it; the last batch ends a session and goes alone."""
        *early, last = batches
        self._halt.clear()
        if self.uploader.parallel > 1 and len(early) > 1:
            with ThreadPoolExecutor(self.uploader.parallel) as pool:
                list(pool.map(lambda batch: self._unless_halted(audience, batch), early))
        else:
            for batch in early:
                self._send_one(audience, batch)
        self._send_one(audience, last)

    def _unless_halted(self, audience: Audience, batch: Batch) -> None:
        """Send one of several; after a failure of one, those not begun are left for the next attempt."""
        if self._halt.is_set():
            return
        try:
            self._send_one(audience, batch)
        except BaseException:
            self._halt.set()
            raise

    def _send_one(self, audience: Audience, batch: Batch) -> BatchResult:
        self.patience.check(self.prepared.name)
        check(self, batch)
        result = self.ask(audience, lambda: self.client.send(audience, batch))
        told = result.accepted + result.rejected
        if not result.job and told != batch.rows:
            raise SetupError(
                f"{self.prepared.platform} accounted for {told:,} of {batch.rows:,} rows.",
                f"Batch {batch.entry} of {self.prepared.name}.",
                "Report this: the client misreads the platform's answer.",
            )
        entry = {
            "file": batch.file,
            "rows": batch.rows,
            "key": batch.key,
            "at": self.now(),
            "result": result.as_json(),
        }
        self.note(batch.entry, entry)
        return result

    def poll(self, audience: Audience) -> None:
        """Look at every job until it has ended: accepted is what the platform says then."""
        while waiting := self.jobs():
            for name in waiting:
                look(self, audience, name)
            if self.jobs() == waiting:
                wait_for(self, len(waiting))

    def jobs(self) -> list[str]:
        """Return the batches that the platform works on, by name."""
        return [name for name, entry in self.batches().items() if entry["result"]["job"]]

    def batches(self) -> dict[str, dict[str, Any]]:
        """Return the journal's batches, by name."""
        return {name: self.entries[name] for name in sorted(self.entries) if name not in _RECORDS}

    def finish(self, audience: Audience) -> Outcome:
        """Close the books: rejects, ledger, receipt. A repeat after a crash in between writes the same."""
        # Without an id nothing was sent to an audience that the first batch would have made.
        told = self.ask(audience, lambda: self.client.describe(audience)) if audience.id else {}
        receipt = close_books(self, audience, told)
        return Outcome(status=receipt["status"], receipt=receipt)

    def _skip(self, by: str) -> Outcome:
        receipt = superseded(self.prepared, self.uploader.pattern, by, self.store.uri("manifest"), self.now())
        self.store.put_receipt(receipt)
        return Outcome(status="skipped", receipt=receipt)

    def rehearse(self) -> Outcome:
        """Do everything that changes nothing: credentials, audience, every part, the platform's dry run."""
        check_limits(self.prepared, self.shape)
        found = self.patience.insist(lambda: self.client.find_audience(self.prepared.audience))
        checked = rejected = 0
        for step in plan_steps(self.prepared, self.prepared.parts, "", self.now(), self.store.read_part):
            for batch in step.batches:
                self.patience.check(self.prepared.name)
                rejected += self._validate(found, batch)
                checked += batch.rows
        receipt = {
            "status": "skipped",
            "dry_run": True,
            "audience_exists": bool(found),
            "rows_checked": checked,
            "rows_refused": rejected,
            "platform_validated": self.uploader.validates and bool(found),
        }
        return Outcome(status="skipped", receipt=receipt)

    def _validate(self, audience: Audience | None, batch: Batch) -> int:
        """Return how many rows the platform would refuse; else 0, the part being checked."""
        if audience is None or not self.uploader.validates:
            batch.read()
            return 0
        return self.patience.insist(lambda: self.client.validate(audience, batch)).rejected

    def now(self) -> str:
        """Return the time as ISO 8601 in UTC."""
        return datetime.fromtimestamp(self.patience.clock(), UTC).isoformat(timespec="milliseconds")

    def note(self, name: str, entry: Mapping[str, Any], *, again: bool = False) -> None:
        """Write a journal entry once; `again` replaces it."""
        self.store.note(name, entry, again=again or name in self._void)
        self.entries[name] = dict(entry)
