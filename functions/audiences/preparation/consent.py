"""Says of each row whether the platform may be told, from consent columns and the platform's rule.

Columns: `consent_<purpose>` and `consent_region`. A "no" counts everywhere; a missing answer counts as a no
where consent is required, and where nobody knows the region.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from audiences.preparation.shape import EVERYWHERE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Answer = Literal["granted", "denied", "missing", "not_needed"]

_YES = frozenset({"yes", "y", "true", "1", "granted", "consent_granted", "opt_in", "ok"})
_NO = frozenset({"no", "n", "false", "0", "denied", "consent_denied", "opt_out", "withdrawn"})
# Members of the European Economic Area: https://www.efta.int/eea/eea-agreement/states
_EEA = frozenset(
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO".split()  # noqa: SIM905 - readable
)


@dataclass(frozen=True)
class ConsentRule:
    """purposes: each needs a yes in `consent_<purpose>`. required_in: where a missing answer is a no."""

    purposes: tuple[str, ...] = ("ads",)
    required_in: tuple[str, ...] = ()

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
    required = frozenset(rule.required_in)

    def answer(columns: Mapping[str, Sequence[str]], row: int) -> Answer:
        said = {_read(columns[name][row]) for name in asked}
        if "denied" in said:
            return "denied"
        if complete and said == {"granted"}:
            return "granted"
        if not required:
            return "not_needed"
        place = next((text for name in places if (text := columns[name][row].strip())), default_country or "")
        return "missing" if _needs(place.upper(), required) else "not_needed"

    return answer


def _read(text: str) -> Answer:
    word = text.strip().lower()
    if word in _YES:
        return "granted"
    return "denied" if word in _NO else "missing"


def _needs(place: str, required: frozenset[str]) -> bool:
    """Tell whether consent is required in a region or ISO alpha-2 country. Unknown places need it."""
    if EVERYWHERE in required or place in required:
        return True
    if place in ("UK", "GB"):
        return not required.isdisjoint(("UK", "GB"))
    if place in _EEA:
        return "EEA" in required
    return len(place) != 2 and place not in ("ROW", "OTHER")
