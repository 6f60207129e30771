"""The streaming form: single people on a queue, gathered into files that go the way of all files.

A message: {"audience": "Action lovers", "operation": "add", "user_id": "u1", "identifiers": {"email": "…"},
"consent": {"ads": "yes", "region": "DE"}, "country": "DE", "purposes": ["ads"], "destination": {…}}; the last
four may be missing. Identifiers and consent are columns of an identities file, so the same rules of consent,
suppression and hashing hold: docs/reference/delivery.md.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any

from audiences.delivery.model import STREAM
from audiences.errors import DataError, SetupError
from audiences.identity.batch import default_country
from audiences.preparation.consent import ConsentRule
from audiences.preparation.request import Request
from audiences.preparation.shape import find_shape
from audiences.preparation.sources import Source
from audiences.preparation.tables import once

if TYPE_CHECKING:
    from collections.abc import Iterable

_OPERATIONS = ("add", "remove")
_KEY = re.compile(r"\w[\w.-]{0,63}").fullmatch
_USER, _TEXTS = "user_id", ("audience", "operation", "user_id")


@dataclass(frozen=True)
class Record:
    """One person to add or remove; `columns` as in an identities file. group: what is prepared together."""

    audience: str
    operation: str
    user: str
    columns: dict[str, str]
    country: str | None
    purposes: tuple[str, ...]
    destination: dict[str, str]

    @classmethod
    def read(cls, body: str) -> Record:
        """Read a message. DataError without a value of it for one that cannot be used."""
        try:
            value: Any = json.loads(body, object_pairs_hook=once)
        except (ValueError, RecursionError):
            raise _unusable("It is not JSON, or has a key twice.") from None
        if not isinstance(value, dict):
            raise _unusable("It is no JSON object.")
        missing = [name for name in _TEXTS if not isinstance(value.get(name), str) or not value[name]]
        if missing:
            raise _unusable(f"It lacks {', '.join(missing)}.")
        if value["operation"] not in _OPERATIONS:
            raise _unusable("Its operation is neither add nor remove.")
        columns = dict(_texts(value, "identifiers"))
        columns |= {f"consent_{name}": text for name, text in _texts(value, "consent").items()}
        if not value.get("identifiers"):
            raise _unusable("It has no identifiers.")
        purposes = value.get("purposes", ["ads"])
        if not isinstance(purposes, list) or not all(isinstance(one, str) for one in purposes):
            raise _unusable("Its purposes are no list of texts.")
        answers = columns.keys() - value["identifiers"].keys() - {"consent_region"}
        if answers and any(f"consent_{one}" not in answers for one in purposes):
            raise _unusable("Its consent does not answer for its purposes.")
        return cls(
            value["audience"],
            value["operation"],
            value["user_id"],
            columns,
            _country(value),
            tuple(purposes),
            _texts(value, "destination"),
        )

    @property
    def group(self) -> tuple[Any, ...]:
        """Return what records of one preparation have in common."""
        destination = tuple(sorted(self.destination.items()))
        return (self.audience, self.operation, self.country, self.purposes, destination)


def _country(value: dict[str, Any]) -> str | None:
    """Return the country as it is given; DataError, without its words, for something else."""
    text = str(value["country"]) if value.get("country") else None
    try:
        default_country(text)
    except SetupError:
        raise _unusable("Its country is none.") from None
    return text


def _texts(value: dict[str, Any], name: str) -> dict[str, str]:
    found = value.get(name) or {}
    if not isinstance(found, dict):
        raise _unusable(f"Its {name} are no JSON object.")
    if not all(map(_KEY, found)):
        raise _unusable(f"Its {name} have a key that is no name.")
    return {key: "" if text is None else str(text) for key, text in found.items()}


def _unusable(why: str) -> DataError:
    return DataError(
        "A record message cannot be used.",
        why,
        "Correct the sender: docs/reference/delivery.md has the form.",
    )


@dataclass
class Gathered:
    """Records of one audience and operation.

    ids: of their messages, which name the run: a repeat is the same run.
    """

    first: Record
    records: list[Record] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)

    def run(self) -> str:
        """Return the run's name; it depends on the messages only."""
        return f"{STREAM}{sha256(' '.join(sorted(self.ids)).encode()).hexdigest()[:20]}"

    def request(self, platform: str) -> Request:
        """Return what is to be prepared.

        A trickle has no minimum and takes nobody out that it does not name.
        """
        consent = find_shape(platform).consent
        return Request(
            platform=platform,
            audience=self.first.audience,
            mode="add" if self.first.operation == "add" else "remove",
            country=self.first.country,
            consent=ConsentRule(self.first.purposes, consent.required_in if consent else ()),
            destination=dict(self.first.destination),
        )

    def segment(self) -> Source:
        """Return the people as a segment file; the last message about somebody counts."""
        return _table("segment.jsonl", (_USER,), ((user,) for user in self._last()))

    def identities(self) -> Source:
        """Return them as an identities file."""
        last = self._last()
        names = sorted({name for record in last.values() for name in record.columns})
        rows = ((user, *(record.columns.get(name, "") for name in names)) for user, record in last.items())
        return _table("identities.jsonl", (_USER, *names), rows)

    def _last(self) -> dict[str, Record]:
        return {record.user: record for record in self.records}


def gather(records: Iterable[tuple[str, Record]]) -> list[Gathered]:
    """Return (message id, record) pairs in groups that can be prepared together."""
    groups: dict[tuple[Any, ...], Gathered] = {}
    for name, record in records:
        group = groups.setdefault(record.group, Gathered(record))
        group.records.append(record)
        group.ids.append(name)
    return list(groups.values())


def _table(name: str, header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Source:
    """Return rows as JSON lines: whatever a message holds stays in its own row."""
    data = b"".join(f"{json.dumps(dict(zip(header, row, strict=True)))}\n".encode() for row in rows)
    return Source(name, lambda: BytesIO(data))
