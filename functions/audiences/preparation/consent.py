"""Says of each row whether the platform may be told, from consent columns and the platform's rule.

Columns: `consent_<purpose>` and `consent_region`. A "no" counts everywhere, and so does an answer that is not
understood, unless the rule ignores it; a missing answer counts as a no where consent is required, and where
nobody knows the region.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from audiences.identity.blanks import BLANKS
from audiences.preparation.consent_words import read_word, value_class
from audiences.preparation.regions import is_required, read_rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

Answer = Literal["granted", "denied", "missing", "unreadable", "not_needed"]
Unreadable = Literal["refuse", "ignore"]

DEFAULT_PURPOSES = ("ads",)
_ANSWERS: dict[str, Answer] = {
    "yes": "granted",
    "no": "denied",
    "blank": "missing",
    "unreadable": "unreadable",
}


@dataclass(frozen=True)
class ConsentRule:
    """Who may be told.

    purposes     each needs a yes in `consent_<purpose>`
    required_in  where a missing answer is a no: regions as `regions.read_region` reads them, or `*`
    unreadable   refuse: an answer that is not understood is a no; ignore: it is none
    asked        somebody chose the purposes, so there must be columns of them
    """

    purposes: tuple[str, ...] = DEFAULT_PURPOSES
    required_in: tuple[str, ...] = ()
    unreadable: Unreadable = "refuse"
    asked: bool = False

    def __post_init__(self) -> None:
        """Refuse a region that is none. SetupError."""
        read_rule(self.required_in)

    def columns(self) -> tuple[str, ...]:
        """Return the columns the rule reads, if the file has them."""
        return (*(f"consent_{purpose}" for purpose in self.purposes), "consent_region", "country")


def compile_consent(
    rule: ConsentRule, available: frozenset[str], default_country: str | None
) -> Callable[[Mapping[str, Sequence[str]], int], Answer]:
    """Return `answer(columns, row)` for files with the columns `available`."""
    asked = [f"consent_{purpose}" for purpose in rule.purposes if f"consent_{purpose}" in available]
    complete = len(asked) == len(rule.purposes)
    places = [name for name in ("consent_region", "country") if name in available]
    required = read_rule(rule.required_in)
    refuse = rule.unreadable == "refuse"

    def answer(columns: Mapping[str, Sequence[str]], row: int) -> Answer:
        said = {_ANSWERS[read_word(columns[name][row])] for name in asked}
        if "denied" in said:
            return "denied"
        if refuse and "unreadable" in said:
            return "unreadable"
        if complete and said == {"granted"}:
            return "granted"
        if not required:
            return "not_needed"
        place = next(
            (text for name in places if (text := columns[name][row].strip(BLANKS))), default_country or ""
        )
        return "missing" if is_required(place, required) else "not_needed"

    return answer


def compile_unread(
    rule: ConsentRule, available: frozenset[str]
) -> Callable[[Mapping[str, Sequence[str]], Iterable[int]], Counter[tuple[str, str]]]:
    """Return `count(columns, rows)`: how many answers are not understood, by column and class of value."""
    asked = [f"consent_{purpose}" for purpose in rule.purposes if f"consent_{purpose}" in available]

    def count(columns: Mapping[str, Sequence[str]], rows: Iterable[int]) -> Counter[tuple[str, str]]:
        cells = [(name, columns[name][row]) for row in rows for name in asked]
        return Counter((name, value_class(text)) for name, text in cells if read_word(text) == "unreadable")

    return count
