"""The records of a delivery in a folder instead of S3, for contract tests and the benchmark."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from audiences.delivery.model import PartFile, Prepared
from audiences.delivery.store import LedgerState
from audiences.errors import DataError
from audiences.preparation.ledger import read_ledger
from audiences.preparation.sources import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


def read_folder(folder: Path, *, prepared_at: str) -> Prepared:
    """Return the manifest of a prepared folder; its name is the run."""
    value = json.loads((folder / "manifest.json").read_text())
    return Prepared.from_json(value, run=folder.name, prepared_at=prepared_at)


class FolderStore:
    """Implements `audiences.delivery.Store` below `home`: one folder per audience, journals inside."""

    def __init__(self, home: Path, prepared_folder: Path, prepared: Prepared) -> None:
        """Keep records in `home`, read parts from `prepared_folder`."""
        self.home, self._prepared = home, prepared_folder
        self._run = home / prepared.run
        self._journal = self._run / "journal"
        self._journal.mkdir(parents=True, exist_ok=True)

    def uri(self, what: str) -> str:
        """Return where `receipt`, `manifest`, `audience` or `ledger` lies."""
        found = {
            "receipt": self.home / f"{self._run.name}.json",
            "manifest": self._prepared / "manifest.json",
            "audience": self.home / "audience.json",
            "ledger": self.home / "ledger.tsv.gz",
        }
        return str(found[what])

    def receipt(self) -> Mapping[str, Any] | None:
        """Return the receipt."""
        return _read(self.home / f"{self._run.name}.json")

    def put_receipt(self, receipt: Mapping[str, Any]) -> None:
        """Write the receipt."""
        (self.home / f"{self._run.name}.json").write_text(json.dumps(receipt))

    def entries(self) -> dict[str, dict[str, Any]]:
        """Return the journal."""
        return {path.stem: json.loads(path.read_text()) for path in sorted(self._journal.glob("*.json"))}

    def note(self, name: str, entry: Mapping[str, Any], *, again: bool = False) -> None:
        """Write an entry; the first writer wins unless `again`."""
        path = self._journal / f"{name}.json"
        if again or not path.exists():
            path.write_text(json.dumps(entry))

    def read_part(self, part: PartFile) -> bytes:
        """Return a part's bytes."""
        folder = self._run / "extra" if "-extra-" in part.file else self._prepared
        return (folder / part.file).read_bytes()

    def put_extra(self, folder: Path) -> None:
        """Keep extra parts."""
        shutil.copytree(folder, self._run / "extra", dirs_exist_ok=True)

    def audience(self) -> Mapping[str, Any] | None:
        """Return what is known of the audience."""
        return _read(self.home / "audience.json")

    def keep_audience(self, known: Mapping[str, Any]) -> None:
        """Keep it."""
        (self.home / "audience.json").write_text(json.dumps(known))

    def ledger(self) -> LedgerState:
        """Return the ledger's state."""
        found = _read(self.home / "ledger.json")
        return LedgerState(**found) if found else LedgerState()

    def base_at(self, time: str) -> str:
        """Return the digest of the ledger in force at a time."""
        names = sorted(path.name for path in self._ledgers.glob("*.gz"))
        before = [name for name in names if name.partition("_")[0] <= time]
        return before[-1].partition("_")[2].removesuffix(".tsv.gz") if before else ""

    @property
    def _ledgers(self) -> Path:
        return self.home / "ledgers"

    def ledger_lines(self, sha256: str) -> Iterator[str]:
        """Yield the lines of a ledger."""
        found = sorted(self._ledgers.glob(f"*_{sha256}.tsv.gz"))
        if not found:
            raise DataError("The list is not kept any more.")
        return read_ledger(Source.of(found[-1]))

    def wanted_lines(self) -> Iterator[str]:
        """Yield the lines of wanted.tsv.gz."""
        return read_ledger(Source.of(self._prepared / "wanted.tsv.gz"))

    def unfinished(self) -> list[str]:
        """Return runs with a journal and without a receipt."""
        runs = sorted(path.parent.name for path in self.home.glob("*/journal"))
        return [run for run in runs if run != self._run.name and not (self.home / f"{run}.json").exists()]

    def plan_of(self, run: str) -> Mapping[str, Any]:
        """Return another run's plan."""
        return _read(self.home / run / "journal/plan.json") or {}

    def wanted_by(self, run: str) -> Iterator[str]:
        """Yield the lines of another run's wanted.tsv.gz."""
        return read_ledger(Source.of(self._prepared.parent / run / "wanted.tsv.gz"))

    def overtake(self, run: str, by: str) -> None:
        """Write a note in place of another run's receipt."""
        (self.home / f"{run}.json").write_text(json.dumps({"status": "skipped", "overtaken_by": by}))

    def put_ledger(self, state: LedgerState, file: Path | None) -> None:
        """Keep a ledger."""
        self._ledgers.mkdir(exist_ok=True)
        source = file or self._prepared / "wanted.tsv.gz"
        shutil.copy(source, self._ledgers / f"{state.delivered_at}_{state.sha256}.tsv.gz")
        shutil.copy(source, self.home / "ledger.tsv.gz")
        (self.home / "ledger.json").write_text(json.dumps(state.__dict__))

    def put_rejects(self, text: str) -> str:
        """Keep rejects."""
        path = self._run / "rejects.csv"
        path.write_text(text)
        return str(path)


def _read(path: Path) -> dict[str, Any] | None:
    if not path.exists():
        return None
    value: dict[str, Any] = json.loads(path.read_text())
    return value
