"""When people who stay in an audience are sent again: before the platform forgets them.

Some platforms hold a person for so many days after the person was last sent. There the ledger has a day at the
end of a line, counted from 1970-01-01 in UTC: `@20780`, sent that day, or `~20780`, an estimate for somebody of
whom the day is not known (a ledger of before days were noted). Nobody's day depends on the order of a file.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

from audiences.errors import SetupError
from audiences.preparation.ledger import ESTIMATED, SENT, split_day

if TYPE_CHECKING:
    from collections.abc import Mapping

DAY_SECONDS = 86_400
_UNKNOWN_DAYS = 30  # in which everybody of whom the day is not known is sent again


def today() -> int:
    """Return the day, counted from 1970-01-01 in UTC."""
    return int(time.time() // DAY_SECONDS)


@dataclass(frozen=True, kw_only=True)
class Memory:
    """How long a platform holds a person who is not sent again.

    days          at most; 0: for good
    setting       of the activation's destination, that says how long instead
    unit_seconds  of the setting's number
    source        address of the rule
    """

    days: int
    source: str
    setting: str = ""
    unit_seconds: int = DAY_SECONDS

    def days_for(self, destination: Mapping[str, str]) -> int:
        """Return the days for an activation; 0: for good. SetupError for a setting that is no number."""
        text = destination.get(self.setting, "") if self.setting else ""
        if not text:
            return self.days
        if not re.fullmatch(r"-?[0-9]{1,12}", text):
            raise SetupError(
                f"{self.setting} is no number.", "", "Correct it in the activation's destinations."
            )
        days = int(text) * self.unit_seconds // DAY_SECONDS
        return self.days if days < 1 or (self.days and days > self.days) else days


class Refresh:
    """Compiled for one preparation: people are due at three quarters of the platform's days, or up to an eighth before.

    The eighth spreads those who came together over several runs, by a digest of their key.
    """

    def __init__(self, days: int, day: int) -> None:
        """Prepare on `day` for a platform that holds people for `days`."""
        self._day, self._due, self._spread = day, days * 3 // 4, max(1, days // 8)
        self._unknown = max(1, min(_UNKNOWN_DAYS, days // 4))

    def is_due(self, line: str) -> bool:
        """Tell whether somebody held is to be sent again; `line` has a day."""
        bare, mark = split_day(line)
        return self._day - int(mark[1:]) >= self._due_after(bare)

    def dated(self, line: str) -> str:
        """Return a held line with its day; where there is none, or none that can be, with an estimate."""
        bare, mark = split_day(line)
        if mark and int(mark[1:]) <= self._day + 1:
            return line
        wait = _number(bare) // self._spread % self._unknown
        return f"{bare}\t{ESTIMATED}{self._day + wait - self._due_after(bare)}"

    def sent(self, line: str) -> str:
        """Return the line of somebody who is sent now."""
        return f"{line}\t{SENT}{self._day}"

    def _due_after(self, bare: str) -> int:
        return self._due - _number(bare) % self._spread


def _number(bare: str) -> int:
    return crc32(bare.partition("\t")[0].encode())
