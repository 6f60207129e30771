"""The one function of both engines: rows of customers in, a verdict and digests out.

A verdict is one line of text, `key<TAB>place<TAB>flag<TAB>guards<TAB>value…`, because lines sort, spill, cross
from Spark's workers and compare the same everywhere. `key` is the hexadecimal digest of the person's strongest
identifier, `guards` are of `listed.Hits`.
"""

from __future__ import annotations

from base64 import b64decode
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import compress
from typing import TYPE_CHECKING

from audiences.errors import SetupError
from audiences.identity import compile_rows
from audiences.identity.identifier import columns_of
from audiences.identity.rows import row_countries
from audiences.preparation.choose import (
    SIGNALS,
    choose_fields,
    needed_columns,
    other_kinds,
    said_for_all,
)
from audiences.preparation.consent import Answer, compile_consent, compile_unread
from audiences.preparation.listed import Finder, Hits
from audiences.preparation.rejects import OUTSIDE, PLACE_DIGITS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from audiences.identity import Identifier, Prepared
    from audiences.preparation.fields import Layout
    from audiences.preparation.join import Matched
    from audiences.preparation.request import Request
    from audiences.preparation.shape import Shape
    from audiences.preparation.suppress import Suppression

    Columns = Mapping[str, Sequence[str]]

# Flags, in the order in which one of them decides for all rows of the same person.
SUPPRESSED, DENIED, UNREADABLE, GRANTED, WANTED, MISSING = "s", "d", "u", "g", "w", "m"
SENDABLE = (GRANTED, WANTED)
NOES = (UNREADABLE, DENIED, SUPPRESSED)  # which stop all rows of a person, the strongest last
LIMITED = "l"  # of a further row: the use of the person's data is limited
VETOES = (LIMITED, *NOES)
_FLAGS: dict[Answer, str] = {
    "granted": GRANTED,
    "not_needed": WANTED,
    "denied": DENIED,
    "unreadable": UNREADABLE,  # it may be a no
    "missing": MISSING,
}
LONGEST_VALUE = 4_096  # characters of one value that is sent: no platform takes more
REASONS = {
    "no_user_id": "The segment's line has no user id.",
    "ragged_row": "The segment's line has another number of cells than the header.",
    "duplicate": "The same person is in another line.",
    "no_identity": "The user id is not in the identities.",
    "consent_denied": "The person refused.",
    "consent_unreadable": "The consent cell says neither yes nor no in words we know, so it may be a no.",
    "consent_missing": "The platform needs the person's consent and there is none on file.",
    "value_too_long": f"A value has more than {LONGEST_VALUE} characters.",
    "nothing_to_send": "No identifier of the row is usable.",
    "held_back": "A guard stopped the audience: only who opted out or withdrew consent is taken out.",
}


@dataclass
class Verdicts:
    """What became of a batch. lines: verdicts to sort; rejects: (place, reason); suppressed: rows.

    refused: single values left out of rows that are sent, as {(field, reason): count}.
    vetoes: (place, flag) where a further row of the person says no.
    hits: of the suppression lists. unread: consent answers not understood, by column and class of value.
    """

    lines: list[str] = field(default_factory=list)
    rejects: list[tuple[int, str]] = field(default_factory=list)
    suppressed: int = 0
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    vetoes: list[tuple[int, str]] = field(default_factory=list)
    hits: Hits = field(default_factory=Hits)
    unread: Counter[tuple[str, str]] = field(default_factory=Counter)


class Classifier:
    """Compiled for one request and one layout of identities. `fields` is what a sent row holds, in order."""

    def __init__(
        self,
        request: Request,
        identifiers: Mapping[str, Identifier],
        shape: Shape,
        layout: Layout,
        suppression: Suppression,
    ) -> None:
        """Compile. SetupError when the platform cannot take what is asked, or nothing identifies a person."""
        available = frozenset(layout.columns) | (
            {"external_id"} if "external_id" in request.identifiers else set()
        )
        self.fields = choose_fields(request, identifiers, shape, available)
        self._keys = [(name, _key_of(identifiers[name])) for name in shape.keys if name in self.fields]
        self.other_kinds = other_kinds(identifiers, shape, available)
        if not self._keys:
            raise self._nobody(identifiers, shape)
        hashed = layout.hashed & available
        self._said = said_for_all(request, shape)
        wanted = [name for name in self.fields if name not in self._said]
        self._run = compile_rows(
            identifiers, available, wanted=wanted, hashed=hashed, country=request.country
        )
        self.unsent_signals = sorted(SIGNALS.intersection(available).difference(shape.signals))
        self._consent = compile_consent(request.consent, available, request.country)
        self._unread = compile_unread(request.consent, available)
        self._ignores = request.consent.unreadable == "ignore"
        self._asks = bool(request.consent.required_in) or bool(
            available.intersection(request.consent.columns()[:-2])
        )
        self._open_fields = [name for name in self.fields if identifiers[name].digest == "none"]
        self._removing = request.mode == "remove"
        self._country = request.country
        self._finder = Finder(suppression, identifiers, available, hashed, self.fields)
        self.columns = sorted(
            needed_columns(identifiers, self.fields, available, request, self._finder.columns)
        )
        self._hashed_country = "country" in hashed

    @property
    def asks(self) -> bool:
        """Tell whether anybody's consent is asked for."""
        return self._asks and not self._removing

    def says_no(self, columns: Columns, row: int) -> bool:
        """Tell whether a row refuses, or answers something that may be a no."""
        return _FLAGS[self._consent(columns, row)] in NOES

    def _nobody(self, identifiers: Mapping[str, Identifier], shape: Shape) -> SetupError:
        """Return the error of a file without a column that identifies a person to the platform."""
        keys = [name for name in shape.keys if name in identifiers and name in shape.names]
        columns = ", ".join(" or ".join(columns_of(name, identifiers[name])) for name in keys)
        unfit = ", ".join(self.other_kinds)
        return SetupError(
            "Nothing to send identifies a person.",
            f"The fields are {', '.join(self.fields) or 'none'}; names and places match nobody alone."
            + (f" {unfit}: not the kind of mobile id it takes." if unfit else ""),
            f"Add a column for one of {columns}.",
        )

    def judge(self, matched: Matched) -> Verdicts:
        """Judge a batch of the join."""
        return (self.veto if matched.further else self.run)(matched.places, matched.users, matched.columns)

    def run(self, places: Sequence[int], users: Sequence[str], columns: Columns) -> Verdicts:
        """Judge a batch of matched rows: places in the segment, user ids, and `self.columns` by field."""
        prepared = self._run(columns)
        prepared.columns.update({name: [value] * len(places) for name, value in self._said.items()})
        keys = self._find_keys(prepared)
        verdicts = Verdicts()
        flags = self._flag(verdicts, places, users, columns, prepared)
        if not all(keys) or self._longest(prepared) > LONGEST_VALUE:
            self._refuse(verdicts, places, flags, keys, prepared)
        values = [[value or "" for value in prepared.columns[name]] for name in self.fields]
        texts = [f"{where:0{PLACE_DIGITS}d}" for where in places]
        guards = verdicts.hits.guards or [""] * len(places)
        rows = zip(keys, texts, flags, guards, *values, strict=True)
        # "" is the flag of a row without any further use.
        verdicts.lines = ["\t".join(row) for row in (rows if all(flags) else compress(rows, flags))]
        for row, told in prepared.refused.items():
            if flags[row] in SENDABLE:
                verdicts.refused.update(told.items())
        return verdicts

    def veto(self, places: Sequence[int], users: Sequence[str], columns: Columns) -> Verdicts:
        """Judge further rows of people: a no counts, for the place and for whom the row identifies."""
        found = Verdicts()
        if self._removing:
            return found
        prepared = self._run(columns)
        told = Verdicts()
        flags = self._flag(told, places, users, columns, prepared)
        found.hits, found.unread = told.hits, told.unread
        nobody = "\t" * len(self.fields)
        limited = prepared.columns.get("limited_data_use", [None] * len(places))
        for where, key, flag, limit in zip(places, self._find_keys(prepared), flags, limited, strict=True):
            if limit and flag not in NOES:
                found.vetoes.append((where, LIMITED))
            if flag in NOES:
                found.vetoes.append((where, flag))
                if key:
                    found.lines.append(f"{key}\t{OUTSIDE:0{PLACE_DIGITS}d}\t{flag}\t{nobody}")
        return found

    def _find_keys(self, prepared: Prepared) -> list[str]:
        """Return each row's key, "" where nothing identifies the person."""
        keys: list[str] = []
        for name, key_of in self._keys:
            column = prepared.columns[name]
            found = [value and key_of(value) for value in column] if key_of else column
            if keys:
                keys = [key or other or "" for key, other in zip(keys, found, strict=True)]
            else:
                keys = [key or "" for key in found]
            if all(keys):
                break
        return keys

    def _flag(
        self,
        verdicts: Verdicts,
        places: Sequence[int],
        users: Sequence[str],
        columns: Columns,
        prepared: Prepared,
    ) -> list[str]:
        """Return each row's flag, counting the suppressed and rejecting those without consent."""
        if self._removing:
            return [WANTED] * len(places)
        answers = [self._consent(columns, row) for row in range(len(places))] if self._asks else ()
        flags = [_FLAGS[answer] for answer in answers] if self._asks else [WANTED] * len(places)
        countries = row_countries(columns.get("country"), self._country, hashed=self._hashed_country)
        verdicts.hits = self._finder.find(users, columns, prepared.columns, countries)
        for row in verdicts.hits.rows:
            flags[row] = SUPPRESSED
            verdicts.suppressed += places[row] < OUTSIDE
        if self._asks:
            verdicts.rejects += [
                (where, f"consent_{answer}")
                for where, flag, answer in zip(places, flags, answers, strict=True)
                if flag in (DENIED, UNREADABLE, MISSING)
            ]
            looked = (UNREADABLE, MISSING, *SENDABLE) if self._ignores else (UNREADABLE,)
            rows = [row for row, flag in enumerate(flags) if flag in looked and places[row] < OUTSIDE]
            verdicts.unread = self._unread(columns, rows)
        return flags

    def _longest(self, prepared: Prepared) -> int:
        """Return the length of the longest value that is sent as it is."""
        columns = [prepared.columns[name] for name in self._open_fields]
        return max((len(value) for column in columns for value in column if value), default=0)

    def _refuse(
        self, verdicts: Verdicts, places: Sequence[int], flags: list[str], keys: list[str], prepared: Prepared
    ) -> None:
        """Reject the wanted rows that cannot be sent, and drop the flags of all rows that identify nobody."""
        columns = [prepared.columns[name] for name in self._open_fields]
        for row, key in enumerate(keys):
            reason = ""
            if not key:
                told = prepared.refused.get(row, {})
                reason = next((told[name] for name, _ in self._keys if name in told), "nothing_to_send")
            elif any(len(column[row] or "") > LONGEST_VALUE for column in columns):
                reason = "value_too_long"
            if reason:
                if flags[row] in SENDABLE:
                    verdicts.rejects.append((places[row], reason))
                flags[row] = ""


def _key_of(identifier: Identifier) -> Callable[[str], str] | None:
    """Return the function from a sent value to its hexadecimal digest, None where the value is one.

    One kind of value has keys of one length.
    """
    if identifier.digest == "sha256_base64":
        return lambda value: b64decode(value).hex()
    if identifier.digest == "none":
        return lambda value: sha256(value.encode()).hexdigest()
    return None
