"""Rows per second from manifest.json to receipt against Meta's own SDK, and what ten times the rows cost."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from audiences.preparation.parts import PartWriter
from audiences.preparation.shape import find_shape

from bench.ratios import line

if TYPE_CHECKING:
    import argparse

HELP = "manifest.json to receipt (Meta's stand-in) against facebook-business as its documentation shows it"
_ROOT = Path(__file__).parent.parent
_SDK = "facebook-business"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--floor", type=float, default=3.0, help="fail below this ratio to the SDK")
    parser.add_argument("--megabytes", type=int, default=256, help="fail above this peak memory")
    parser.add_argument("--sdk-rows", type=int, default=200_000, help="rows the SDK sends: it is slow")


def run(args: argparse.Namespace) -> int:
    """Deliver, check every member on the platform's side, print ratios."""
    if not (_ROOT / "build/oracles" / _SDK).is_dir():
        print(f"Install the SDK first: python tests/oracles/install.py {_SDK}")
        return 2
    with tempfile.TemporaryDirectory(prefix="bench-") as name, _Ads() as ads:
        folder = Path(name)
        write_prepared(folder / "big", args.rows)
        write_prepared(folder / "small", args.rows // 10)
        write_people(folder / "people.txt", args.sdk_rows)
        return _compare(args, folder, ads)


def _compare(args: argparse.Namespace, folder: Path, ads: _Ads) -> int:
    ratios: list[float] = []
    growth: list[float] = []
    memory: list[float] = []
    peaks: list[float] = []
    for number in range(args.rounds):
        small = ads.deliver(folder / "small", folder / f"home-small-{number}")
        sdk = ads.upload_by_sdk(folder / "people.txt")
        big = ads.deliver(folder / "big", folder / f"home-big-{number}")
        if not ads.holds(args.rows):
            print("WRONG: the platform does not hold exactly the people of the manifest")
            return 1
        ratios.append((args.rows / big["seconds"]) / (args.sdk_rows / sdk["seconds"]))
        growth.append(big["seconds"] / small["seconds"])
        memory.append(big["megabytes"] / small["megabytes"])
        peaks.append(big["megabytes"])
    print(f"deliver, {args.rows:,} rows to Meta's stand-in, every member checked")
    print(line("times the rows per second of facebook-business", ratios))
    print(line("time of ten times the rows", growth))
    print(line("memory of ten times the rows", memory))
    print(f"peak memory: {max(peaks):.0f} MB")
    good = median(ratios) >= args.floor and max(peaks) <= args.megabytes
    return 0 if good and median(growth) <= 11 and median(memory) <= 1.2 else 1


def digest_of(number: int) -> str:
    """Return what person `number` is known by."""
    return sha256(f"person{number}@example.com".encode()).hexdigest()


def write_people(path: Path, rows: int) -> None:
    """Write plain addresses, a line each: the SDK hashes them itself."""
    path.write_text("".join(f"person{number}@example.com\n" for number in range(rows)))


def write_prepared(folder: Path, rows: int) -> None:
    """Write what preparation writes for a first mirror of `rows` people with one address each."""
    folder.mkdir()
    digests = sorted(digest_of(number) for number in range(rows))
    writer = PartWriter(folder, find_shape("meta"), "add", ["email"])
    for digest in digests:
        writer.write([digest])
    writer.close()
    wanted = sha256()
    with gzip.open(folder / "wanted.tsv.gz", "wb", compresslevel=1) as file:
        for digest in digests:
            text = f"{digest}\temail={digest}\n".encode()
            wanted.update(text)
            file.write(text)
    counts = {"received": rows, "sent": rows, "rejected": 0, "unchanged": 0, "suppressed": 0}
    manifest = {
        "version": 1,
        "run_id": folder.name,
        "platform": "meta",
        "audience": f"Lovers {rows}",
        "audience_key": f"Lovers-{rows}",
        "mode": "mirror",
        "fields": ["email"],
        "counts": counts,
        "removals": {"rows": 0, "reasons": {}},
        "audience_size": {"before": 0, "after": rows},
        "parts": [asdict(part) for part in writer.parts],
        "files": {"wanted.tsv.gz": {"rows": rows, "sha256_unpacked": wanted.hexdigest()}},
        "ledger": {"sha256_unpacked": ""},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))


class _Ads:
    """The stand-ins in a process of their own, and both senders in fresh ones: memory is each's own."""

    def __enter__(self) -> _Ads:
        command = [sys.executable, "-m", "local.platforms"]
        self._process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True)
        text = ""
        while not text.rstrip().endswith("}\n}"):
            text += self._process.stdout.readline()  # type: ignore[union-attr]  # PIPE was asked for
        told = json.loads(text)
        self._url, self._admin = told["platforms"]["meta"], told["admin"]
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def deliver(self, prepared: Path, home: Path) -> dict[str, float]:
        """Deliver a prepared folder; returns seconds and peak megabytes."""
        self._reset()
        return self._run("bench.workers.deliver", str(prepared), str(home), self._url)

    def upload_by_sdk(self, people: Path) -> dict[str, float]:
        """Upload addresses by the SDK; returns seconds."""
        self._reset()
        oracle = _ROOT / "build/oracles" / _SDK
        return self._run("bench.workers.deliver_by_sdk", str(people), self._url, PYTHONPATH=str(oracle))

    def _run(self, module: str, *arguments: str, **environment: str) -> dict[str, float]:
        paths = [environment.get("PYTHONPATH", ""), str(_ROOT / "functions"), str(_ROOT)]
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=_ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)},
            stdout=subprocess.PIPE,
            check=True,
        )
        told: dict[str, float] = json.loads(done.stdout)
        return told

    def _reset(self) -> None:
        with urllib.request.urlopen(urllib.request.Request(f"{self._admin}/reset/meta", method="POST")):
            pass

    def _get(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self._admin}/{path}") as answer:
            return json.load(answer)

    def holds(self, rows: int) -> bool:
        """Tell whether the platform holds exactly the people of the manifest."""
        (audience,) = self._get("audiences/meta")["audiences"]
        members = self._get(f"members/meta/{audience['id']}")["members"]
        return bool(members == sorted(digest_of(number) for number in range(rows)))
