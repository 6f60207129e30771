"""Invented tables of any size for the benchmarks, and fresh processes that are measured whole."""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.email import make_addresses

if TYPE_CHECKING:
    from collections.abc import Callable


def write_identities(path: Path, rows: int, start: int = 0) -> None:
    """Write `user_id,email`: capitals, some blanks, all addresses different."""
    with path.open("w", encoding="utf-8") as file:
        file.write("user_id,email\n")
        for n in range(start, start + rows):
            file.write(f"u{n},{' ' if n % 50 == 0 else ''}User{n}@Example{n % 97}.com\n")


def write_addresses(path: Path, rows: int) -> None:
    """Write `user_id,email` with the addresses of `bench email`."""
    with path.open("w", encoding="utf-8") as file:
        file.write("user_id,email\n")
        file.writelines(f"u{n},{address or ''}\n" for n, address in enumerate(make_addresses(rows)))


def write_segment(path: Path, rows: int, known: int) -> None:
    """Write `rows` user ids in random order, of which about five in eight are among `known` customers."""
    ids = random.Random(1).sample(range(known * 8 // 5), rows)
    with path.open("w", encoding="utf-8") as file:
        file.write("user_id\n")
        file.writelines(f"u{n}\n" for n in ids)


def measure(module: str, side: str, folder: Path) -> dict[str, Any]:
    """Run `bench.<module>` as a process with a side and a folder; return what it printed about itself."""
    command = [sys.executable, "-m", f"bench.{module}", side, str(folder)]
    root = Path(__file__).parent.parent
    done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def report(work: Callable[[], Any]) -> None:
    """Do the work and print `{cpu, wall, mb, answer}`: seconds, and the peak of memory of this program alone.

    `ru_maxrss` would be no less than what the parent had when it started us; Linux's VmHWM begins anew.
    """
    cpu, wall = time.process_time(), time.perf_counter()
    answer = work()
    told = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "answer": answer}
    status = Path("/proc/self/status")
    if status.exists():
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        told["mb"] = int(peak.split()[1]) / 1024
    else:  # macOS: bytes
        told["mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
    print(json.dumps(told))
