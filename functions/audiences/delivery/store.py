"""What the engine keeps outside itself: journal, receipt, ledger. S3 in Lambda, a folder in the benchmark."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Protocol

from audiences.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from audiences.delivery.model import PartFile


@dataclass(frozen=True)
class LedgerState:
    """Which list the platform holds.

    sha256: of its lines, "" for none; run: that delivered it; newest: the greatest `Prepared.order` in it;
    delivered_at: ISO 8601; home: `<platform>/<folder>` of the audience; people: lines of it.
    """

    sha256: str = ""
    run: str = ""
    newest: str = ""
    delivered_at: str = ""
    home: str = ""
    people: int = 0

    @classmethod
    def from_json(cls, value: Any, where: str) -> LedgerState:
        """Read what a delivery noted at `where`. DataError when it is something else."""
        kinds = {field.name: type(field.default) for field in fields(cls)}
        fits = isinstance(value, dict) and value.keys() <= kinds.keys()
        if not fits or any(not isinstance(found, kinds[name]) for name, found in value.items()):
            raise DataError(
                f"{where} is not what a delivery noted of its ledger.",
                "It was changed by hand.",
                "Restore an earlier version, or delete it: the ledger and the receipts tell the same.",
            )
        return cls(**value)


class Store(Protocol):
    """The records of one delivery and of its audience."""

    def receipt(self) -> Mapping[str, Any] | None:
        """Return the receipt when the delivery is done."""

    def entries(self) -> dict[str, dict[str, Any]]:
        """Return the journal: what was noted, by name."""

    def note(self, name: str, entry: Mapping[str, Any], *, again: bool = False) -> None:
        """Write a journal entry once; `again` replaces it."""

    def read_part(self, part: PartFile) -> bytes:
        """Return a prepared file's bytes."""

    def put_extra(self, folder: Path) -> None:
        """Keep parts that the delivery made itself, before the plan names them."""

    def audience(self) -> Mapping[str, Any] | None:
        """Return what an earlier delivery learned of the audience: see `known.remember`."""

    def keep_audience(self, known: Mapping[str, Any]) -> None:
        """Keep that for later deliveries."""

    def ledger(self) -> LedgerState:
        """Return the state of the list in force, with an empty digest when it is lost: see `in_force`."""

    def note_ledger(self, state: LedgerState) -> None:
        """Note which list the platform holds, beside the list: with an empty digest when it is lost."""

    def base_at(self, time: str) -> str:
        """Return the digest of the ledger that was in force at a time, "" for none."""

    def ledger_lines(self, sha256: str) -> Iterator[str]:
        """Yield the lines of a ledger, now or earlier in force. DataError when it is not kept any more."""

    def wanted_lines(self) -> Iterator[str]:
        """Yield the lines that preparation wants to become the ledger."""

    def unfinished(self) -> list[str]:
        """Return other runs that began and have no receipt: the platform may hold a part of them."""

    def plan_of(self, run: str) -> Mapping[str, Any]:
        """Return the journal's `plan` of another run; empty when it has none."""

    def wanted_by(self, run: str) -> Iterator[str]:
        """Yield the lines that another run wanted to become the ledger."""

    def overtake(self, run: str, by: str) -> None:
        """Note in place of a receipt that a newer run has done everything over: `{"overtaken_by": …}`."""

    def put_ledger(self, state: LedgerState, file: Path | None) -> None:
        """Make `file`, or as it is what preparation wants, the ledger."""

    def put_rejects(self, text: str) -> str:
        """Keep the rows that the platform refused; return where."""

    def put_receipt(self, receipt: Mapping[str, Any]) -> None:
        """Keep the receipt: the delivery is done."""

    def uri(self, what: str) -> str:
        """Return where `receipt` or `manifest` lies, for people."""
