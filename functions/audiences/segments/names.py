"""Names segments after their query, so that a marketer recognises them and no two queries share a name.

The readable part is the query with its punctuation removed, letters and digits kept (`ITEMSgenresAction`).
Two queries may reduce to the same text, and then the later one carries a few letters of its own hash. Which
came first is remembered for good (see `edges.s3_files.claim`), so a segment keeps its name from run to run.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from audiences.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

# `aff_<name>` must fit the 64 characters of an upload job's field name and of a segment definition's name:
# https://docs.aws.amazon.com/customerprofiles/latest/APIReference/API_CreateUploadJob.html
MAX_LENGTH = 55
TIME_FORMAT = "%Y%m%d-%H%M%S"


def query_text(members: dict[str, Any]) -> str:
    """Return the question a line answers, as one readable line, e.g.

    `ITEMS.genres = "Action"` or `itemId = "105"`.

    `members` is the parsed output line without its users: the query stands in `input`, or beside `output` in
    the documented shape. Filter values, if any, are part of the question. Empty when the line names none.
    """
    wrapped = members.get("input")
    given: dict[str, Any] = wrapped if isinstance(wrapped, dict) else members
    if isinstance(given.get("itemAttributes"), str):
        text = given["itemAttributes"].strip()
    elif isinstance(given.get("itemId"), str | int):
        text = f'itemId = "{given["itemId"]}"'
    else:
        return ""
    values = given.get("filterValues")
    return f"{text} with {json.dumps(values, sort_keys=True, ensure_ascii=False)}" if values else text


def candidate_names(query: str) -> tuple[str, str]:
    """Return the plain name and the one with a hash, for use when another query holds the plain name.

    Both match `[A-Za-z0-9_-]{1,55}`. A query with letters that ASCII cannot express, or one too long to be
    told apart by its beginning, always carries its hash: then both are the same.
    """
    item = re.fullmatch(r'itemId = "(.*)"', query)
    source = item[1] if item else query
    folded = "".join(c for c in unicodedata.normalize("NFKD", source) if not unicodedata.combining(c))
    plain = ("item_" if item else "") + re.sub(r"[^A-Za-z0-9]", "", folded)
    lossy = any(c.isalnum() and not c.isascii() for c in folded)
    hashed = f"{plain[: MAX_LENGTH - 9] or 'segment'}-{hashlib.sha256(query.encode()).hexdigest()[:8]}"
    if lossy or len(plain) > MAX_LENGTH or plain in ("", "item_"):
        return hashed, hashed
    return plain, hashed


def stamp(time: datetime, seconds: int = 0) -> str:
    """Return `<yyyymmdd>-<hhmmss>` for file names, `seconds` later than `time`."""
    return (time + timedelta(seconds=seconds)).strftime(TIME_FORMAT)


def choose_name(query: str, claim: Callable[[str, str], str]) -> str:
    """Return the query's own name for good.

    `claim(name, owner)` keeps the first owner of a name and returns it.

    Raises DataError when even the name with the hash belongs to another query (one chance in four billion).
    """
    for name in candidate_names(query):
        if claim(name, query) == query:
            return name
    raise DataError(
        "A segment has no free name.", f"Another query holds {name}.", "Reword the query a little."
    )


def choose_file_name(name: str, time: datetime, owner: str, claim: Callable[[str, str], str]) -> str:
    """Return `<name>_<date>-<time>`, moved on by a second for as long as another owner holds it.

    `owner` is what wrote the segment (job and line), so that a repeat finds its own name again, and two jobs
    in one second get two names.
    """
    for seconds in range(3600):
        file_name = f"{name}_{stamp(time, seconds)}"
        if claim(file_name, owner) == owner:
            return file_name
    raise DataError(
        f"Segment {name} has no free file name.", "An hour of names is taken.", "Run the job again later."
    )
