"""Small invented tables, and one call that prepares them."""

import csv
import gzip
import itertools
import json
from io import BytesIO

import pytest
from audiences.preparation.prepare import Inputs, prepare
from audiences.preparation.request import Request
from audiences.preparation.sources import Source


def source(content, name="table.csv"):
    data = content if isinstance(content, bytes) else content.encode()
    return Source(name, lambda: BytesIO(data))


class Prepared:
    """A prepared folder, read back."""

    def __init__(self, manifest, folder):
        self.made, self.folder = manifest, folder
        self.counts = manifest.counts

    def manifest(self):
        return json.loads((self.folder / "manifest.json").read_text())

    def rejects(self):
        with (self.folder / "rejects.csv").open(newline="") as file:
            return {int(row["line"]): row["reason"] for row in csv.DictReader(file)}

    def rows(self, operation="add"):
        return [
            row
            for path in sorted(self.folder.glob(f"part-{operation}*"))
            for row in json.loads(path.read_text())["data"]
        ]

    def ledger(self):
        return Source("ledger.tsv.gz", lambda: (self.folder / "wanted.tsv.gz").open("rb"))

    def wanted(self):
        return gzip.decompress((self.folder / "wanted.tsv.gz").read_bytes()).decode().splitlines()

    def files(self):
        return {path.name: path.read_bytes() for path in self.folder.iterdir()}


@pytest.fixture
def run(tmp_path):
    """Prepare texts: `run(segment, identities, suppress=…, ledger=…, platform=…, **request)`."""
    numbers = itertools.count()

    def call(segment, identities, *, suppress=(), ledger=None, remembered=None, memory_ids=200_000, **asked):
        request = Request(**{"platform": "meta", "audience": "A", "country": "US", **asked})
        segments = segment if isinstance(segment, list) else [segment]
        tables = identities if isinstance(identities, list) else [identities]
        lists = suppress if isinstance(suppress, (list, tuple)) else [suppress]
        inputs = Inputs(
            segments=[source(text, f"segment-{n}.csv") for n, text in enumerate(segments)],
            identities=[
                source(text, f"customers-{n}.csv" if n else "customers.csv") for n, text in enumerate(tables)
            ],
            suppressions=[source(text, "optouts.csv") for text in lists],
            ledger=ledger,
            remembered=remembered,
        )
        folder = tmp_path / f"out-{next(numbers)}"
        return Prepared(prepare(request, inputs, folder, memory_ids=memory_ids), folder)

    return call
