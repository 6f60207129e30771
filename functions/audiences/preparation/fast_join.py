# ruff: noqa: S608 - what the SQL is made of are numbers, fixed names, and quoted paths
"""The join of `join.py` by DuckDB, for big tables on one machine that has it: the same answer, sooner.

DuckDB reads CSV its own way, so it gets only files that leave no choice how to read them (`plain_csv.py`). For
all others, and whatever it stumbles over, nothing is noted and the caller joins as ever.
"""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING, Any

from audiences.errors import DataError
from audiences.identity.blanks import BLANKS
from audiences.preparation.fields import read_layout
from audiences.preparation.headers import find_user_column
from audiences.preparation.join import Matched
from audiences.preparation.plain_csv import NotPlainError, Plain, quote_path, read_plain
from audiences.preparation.rejects import OUTSIDE, PLACE_DIGITS, place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from audiences.preparation.join import Left
    from audiences.preparation.plan import Plan

_READ_CHARACTERS = 1 << 19  # of the matches, about 10,000 rows
_MEMORY = "400MB"  # of DuckDB; the process takes 100 MB more
# str.strip(BLANKS) in SQL, the second where the only blanks are spaces. Most cells have none, and trim() costs 2 µs.
_STRIPPED = (
    "CASE WHEN {0} BETWEEN '!' AND '~~' AND right({0}, 1) BETWEEN '!' AND '~' THEN {0} "
    f"ELSE trim(coalesce({{0}}, ''), '{BLANKS}') END"
)
_BLANK = "''"
_STRIPPED_SPACES = "CASE WHEN contains({0}, ' ') THEN trim({0}, ' ') ELSE coalesce({0}, '') END"
_TEXT = "(FORMAT csv, HEADER false, QUOTE '', ESCAPE '')"


def join_fast(plan: Plan, folder: Path, left: Left, least_rows: int) -> Iterator[Matched] | None:
    """Return what `join` yields, in another order; note in `left` and `plan.received` what reading notes.

    None where DuckDB is not installed, a file is not plain, or all files have fewer than `least_rows` rows.
    """
    try:
        import duckdb  # noqa: PLC0415 - an extra that need not be installed
    except ImportError:
        return None
    if plan.customers.layout.several:
        return None
    settings: dict[str, Any] = {
        "memory_limit": _MEMORY,
        "threads": 2,
        "temp_directory": str(folder / "duckdb"),
    }
    try:
        segments = [read_plain(source) for source in plan.inputs.segments]
        customers = [read_plain(source) for source in plan.customers.sources]
        if sum(file.rows for file in (*segments, *customers)) < least_rows:
            return None
        with duckdb.connect(config=settings) as link:
            people, unique = _load_segment(link, segments, plan.outside())
            doubles = _match(link, customers, plan.classifier.columns, people)
            counts = _write(link, folder, len(plan.classifier.columns), unique=unique)
    except (NotPlainError, DataError, UnicodeDecodeError, duckdb.Error):
        return None  # what is wrong, if anything, is for the other join to say
    plan.received.extend(file.rows for file in segments)
    left.rejects.adopt(folder / "rejects-fast", counts)
    left.doubles += doubles
    return _read_matches(folder / "matches", plan.classifier.columns)


def _load_segment(link: Any, segments: Sequence[Plain], outside: Iterable[list[str]]) -> tuple[int, bool]:
    """Make `lines` (id, place), and `people` (id, its first place); return how many people, and if that is all."""
    tables = []
    for number, file in enumerate(segments):
        user = _strip(file, find_user_column(file.source, file.header))
        link.execute(f"CREATE TABLE segment{number} AS SELECT {user} AS id FROM {file.table}")
        # DuckDB counts rows from 0 as they come, and we lines from 1, the header.
        tables.append(f"SELECT id, {place(number, 2)} + rowid AS place FROM segment{number}")
    segment = " UNION ALL ".join(tables)
    # Those outside share a place, which for `people` and `joined` must be each one's own: it counts up. Who is
    # in the segment too has a place there.
    link.execute("CREATE TABLE listed (id VARCHAR)")
    for users in outside:
        link.execute("INSERT INTO listed SELECT unnest(?::VARCHAR[])", [users])
    absent = f"WHERE id NOT IN (SELECT id FROM ({segment}))"
    link.execute(f"CREATE TABLE outside AS SELECT DISTINCT id FROM listed {absent}")
    link.execute(f"CREATE VIEW lines AS {segment} UNION ALL SELECT id, {OUTSIDE} + rowid FROM outside")
    # Telling repeated ids by their hashes takes less memory; two of one hash would only cost time.
    lines, people = link.execute(
        "SELECT count(*), count(DISTINCT hash(id)) FILTER (id <> '') FROM lines"
    ).fetchone()
    if lines == people:
        link.execute("CREATE VIEW people AS FROM lines")
        return people, True
    link.execute(
        "CREATE TABLE people AS SELECT id, min(place) AS place FROM lines WHERE id <> '' GROUP BY id"
    )
    (people,) = link.execute("SELECT count(*) FROM people").fetchone()
    return people, False


def _match(link: Any, customers: Sequence[Plain], wanted: Sequence[str], people: int) -> int:
    """Make `joined` (id, place, the wanted cells v0, v1 and so on); return how many rows were repeated.

    It has everybody in `people`; the cells are NULL of who found no customer, and the place of a customer's
    further rows is negative.
    """
    _fill_joined(link, customers, wanted, numbered=False)
    (rows,) = link.execute("SELECT count(*) FROM joined").fetchone()
    if rows > people:
        _fill_joined(link, customers, wanted, numbered=True)
        first = "SELECT place, min(row) FROM joined WHERE v0 IS NOT NULL GROUP BY place"
        further = f"v0 IS NOT NULL AND (place, row) NOT IN ({first})"
        link.execute(f"UPDATE joined SET place = -place WHERE {further}")
    return int(rows - people)


def _fill_joined(link: Any, customers: Sequence[Plain], wanted: Sequence[str], *, numbered: bool) -> None:
    """Join; `numbered`, which one thread alone can do, adds `row` to tell the rows of a customer apart."""
    tables = []
    for number, file in enumerate(customers):
        layout = read_layout(file.source, file.header)
        row = f", {place(number, 0)} + row_number() OVER () AS row" if numbered else ""
        places = [layout.at(name) for name in wanted]
        cells = ", ".join(
            f"{_BLANK if at is None else f'coalesce(c{at}, {_BLANK})'} AS v{name}"
            for name, at in enumerate(places)
        )
        tables.append(f"SELECT {_strip(file, layout.user)} AS id, {cells}{row} FROM {file.table}")
    rows = " UNION ALL ".join(tables)
    link.execute(f"CREATE OR REPLACE TABLE joined AS FROM ({rows}) RIGHT JOIN people USING (id)")


def _strip(file: Plain, column: int | None) -> str:
    return (_STRIPPED if file.odd_blanks else _STRIPPED_SPACES).format(f"c{column}")


def _write(link: Any, folder: Path, cells: int, *, unique: bool) -> dict[str, int]:
    """Write `matches`, a cell a line, and `rejects-fast` as the sorter of rejects does; count the reasons."""
    values = [
        f"greatest(least(place, {OUTSIDE}), {-OUTSIDE})",
        "id",
        *(f"v{number}" for number in range(cells)),
    ]
    found = f"SELECT concat({', chr(10), '.join(values)}) FROM joined WHERE v0 IS NOT NULL"
    link.execute(f"COPY ({found}) TO {quote_path(folder / 'matches')} {_TEXT}")
    rejects = "SELECT place, 'no_identity' AS reason FROM joined WHERE v0 IS NULL"
    if not unique:
        again = (
            "SELECT place, if(id = '', 'no_user_id', 'duplicate') FROM lines ANTI JOIN people USING (place)"
        )
        rejects += f" UNION ALL {again}"
    kind = "VIEW" if unique else "TABLE"  # it is read twice, and telling repeated lines is dear
    link.execute(f"CREATE {kind} rejects AS SELECT * FROM ({rejects}) WHERE place < {OUTSIDE}")
    # Zeros in front by adding a greater number and cutting its first digit: half the time of lpad().
    line = f"concat(substr(({10**PLACE_DIGITS} + place)::VARCHAR, 2), chr(9), reason)"
    link.execute(
        f"COPY (SELECT {line} FROM (FROM rejects ORDER BY place)) TO {quote_path(folder / 'rejects-fast')} {_TEXT}"
    )
    return dict(link.execute("SELECT reason, count(*) FROM rejects GROUP BY reason").fetchall())


def _part(places: list[int], users: list[str], columns: dict[str, list[str]]) -> Iterator[Matched]:
    """Yield a batch, its further rows apart."""
    first = [place > 0 for place in places]
    if all(first):
        yield Matched(places, users, columns)
        return
    for which, further in ((first, False), ([not one for one in first], True)):
        cells = {name: list(compress(column, which)) for name, column in columns.items()}
        if found := [abs(place) for place in compress(places, which)]:
            yield Matched(found, list(compress(users, which)), cells, further)


def _read_matches(path: Path, wanted: Sequence[str]) -> Iterator[Matched]:
    width = 2 + len(wanted)
    rest = ""
    with path.open(encoding="utf-8", newline="\n") as file:
        while text := file.read(_READ_CHARACTERS):
            cells = (rest + text).split("\n")
            whole = (len(cells) - 1) // width * width
            rest = "\n".join(cells[whole:])
            columns = {name: cells[at:whole:width] for at, name in enumerate(wanted, start=2)}
            yield from _part(list(map(int, cells[:whole:width])), cells[1:whole:width], columns)
    path.unlink()
