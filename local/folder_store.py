"""The records of a delivery in a folder instead of S3, for contract tests and the benchmark."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audiences.delivery.in_force import in_force
from audiences.delivery.model import PartFile, Prepared
from audiences.delivery.store import LedgerState
from audiences.errors import DataError
from audiences.preparation.ledger import read_ledger
from audiences.preparation.sources import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def read_folder(folder: Path, *, prepared_at: str) -> Prepared:
    """Return the manifest of a prepared folder; its name is the run."""
    value = json.loads((folder / "manifest.json").read_text())
    return Prepared.from_json(value, run=folder.name, prepared_at=prepared_at)


class FolderLists:
    """Implements `delivery.in_force.Lists`: the ledger, its metadata, the last note, and past ledgers in `home`."""

    def __init__(self, home: Path, prepared_root: Path, name: str) -> None:
        """Look for prepared lists below `prepared_root`, a folder a run."""
        self.name, self._home, self._prepared = name, home, prepared_root
        self._past = home / "ledgers"

    def uri(self, what: str) -> str:
        """Return where `ledger` or `audience` lies."""
        return str(self._home / {"ledger": "ledger.tsv.gz", "audience": "audience.json"}[what])

    def at_hand(self) -> LedgerState | None:
        """Return what the ledger says of itself."""
        if not (self._home / "ledger.tsv.gz").exists():
            return None
        found = _read(self._home / "ledger.metadata.json")
        return LedgerState(**found) if found else LedgerState()

    def last(self) -> LedgerState | None:
        """Return what the last delivery noted."""
        found = _read(self._home / "ledger-note.json")
        return LedgerState(**found) if found else None

    def knows_audience(self) -> bool:
        """Tell whether audience.json is there."""
        return (self._home / "audience.json").exists()

    def past(self) -> list[tuple[str, str]]:
        """Return (when it came into force, digest) of each ledger that another has replaced."""
        names = sorted(path.name.removesuffix(".tsv.gz") for path in self._past.glob("*.gz"))
        return [(name.partition("_")[0], name.partition("_")[2]) for name in names]

    def find(self, sha256: str) -> str:
        """Return where a list lies."""
        at_hand, last = self.at_hand(), self.last()
        if at_hand and at_hand.sha256 == sha256:
            return self.uri("ledger")
        found = sorted(self._past.glob(f"*_{sha256}.tsv.gz"))
        if found:
            return str(found[-1])
        manifest = self._prepared / last.run / "manifest.json" if last and last.run else None
        if manifest is None or not manifest.exists():
            return ""
        wanted = json.loads(manifest.read_text())["files"]["wanted.tsv.gz"]
        return str(manifest.with_name("wanted.tsv.gz")) if wanted["sha256_unpacked"] == sha256 else ""

    def keep(self, state: LedgerState, source: Path) -> None:
        """Replace the ledger, and note it."""
        self._past.mkdir(exist_ok=True)
        held = in_force(self)
        if held.sha256 and not (self._past / f"{held.delivered_at}_{held.sha256}.tsv.gz").exists():
            shutil.copy(self.find(held.sha256), self._past / f"{held.delivered_at}_{held.sha256}.tsv.gz")
        shutil.copy(source, self._home / "ledger.tsv.gz")
        state = replace(state, home=self.name)
        (self._home / "ledger.metadata.json").write_text(json.dumps(state.__dict__))
        self.note(state)

    def note(self, state: LedgerState) -> None:
        """Note which list the platform holds."""
        (self._home / "ledger-note.json").write_text(json.dumps(state.__dict__))


class FolderStore:
    """Implements `audiences.delivery.Store` below `home`: one folder per audience, journals inside."""

    def __init__(self, home: Path, prepared_folder: Path, prepared: Prepared) -> None:
        """Keep records in `home`, read parts from `prepared_folder`."""
        self.home, self._prepared = home, prepared_folder
        self._run = home / prepared.run
        self._journal = self._run / "journal"
        self._journal.mkdir(parents=True, exist_ok=True)
        self._lists = FolderLists(home, prepared_folder.parent, f"{prepared.platform}/{prepared.key}")

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
        """Return the state of the list in force."""
        return in_force(self._lists)

    def note_ledger(self, state: LedgerState) -> None:
        """Note which list the platform holds."""
        self._lists.note(state)

    def base_at(self, time: str) -> str:
        """Return the digest of the ledger in force at a time."""
        now = self.ledger()
        before = [
            sha256 for at, sha256 in [*self._lists.past(), (now.delivered_at, now.sha256)] if at <= time
        ]
        return before[-1] if before else ""

    def ledger_lines(self, sha256: str) -> Iterator[str]:
        """Yield the lines of a ledger."""
        where = self._lists.find(sha256)
        if not where:
            raise DataError("The list is not kept any more.")
        return read_ledger(Source.of(Path(where)))

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
        self._lists.keep(state, file or self._prepared / "wanted.tsv.gz")

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
