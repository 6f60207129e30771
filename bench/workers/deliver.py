"""One delivery in a process of its own: prints seconds and peak memory. Started by bench.deliver."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from audiences.delivery import Delivery, Patience, find_uploader
from audiences.edges.http import HttpsClient
from audiences.preparation.shape import find_shape

from local.folder_store import FolderStore, read_folder
from local.stand_in_access import PlainSecret, secret_of


def main() -> None:
    """Deliver the folder argv[1] with records in argv[2] to the stand-in at argv[3]."""
    prepared_folder, home, url = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    uploader = find_uploader("meta")
    started = time.perf_counter()
    prepared = read_folder(prepared_folder, prepared_at="2026-11-21T00:00:00.000+00:00")
    client = uploader.make(HttpsClient(url, stand_ins=True), PlainSecret(secret_of("meta", url)), {})
    store = FolderStore(home, prepared_folder, prepared)
    outcome = Delivery(prepared, uploader, find_shape("meta"), client, store, Patience()).run()
    seconds = time.perf_counter() - started
    if outcome.receipt["accepted"] != prepared.counts["sent"]:
        raise SystemExit("not everybody was accepted")
    print(json.dumps({"seconds": seconds, "megabytes": peak_megabytes()}))


def peak_megabytes() -> float:
    """Return this program's own peak: getrusage would count what the parent had when it started us."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
