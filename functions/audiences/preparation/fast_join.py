# ruff: noqa: S608 - what the SQL is made of are numbers, fixed names, and quoted paths
"""The join of `join.py` by DuckDB, for big tables on one machine that has it: the same answer, sooner.

DuckDB reads CSV its own way, so it gets only files that leave no choice how to read them (`plain_csv.py`). For
all others, and whatever it stumbles over, nothing is noted and the caller joins as ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audiences.errors import DataError
from audiences.preparation.fields import read_layout
from audiences.preparation.join import Matched
from audiences.preparation.plain_csv import NotPlainError, Plain, quote_path, read_plain
from audiences.preparation.rejects import OUTSIDE, PLACE_DIGITS, place
from audiences.preparation.tables import find_user_column

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from audiences.preparation.join import Left
    from audiences.preparation.plan import Plan

_READ_CHARACTERS = 1 << 19  # of the matches, about 10,000 rows
_MEMORY = "400MB"  # of DuckDB; the process takes 100 MB more
_BLANKS = "".join(character for character in map(chr, range(0x3001)) if character.isspace())
# str.strip() in SQL. Where both ends are printable ASCII there is nothing to strip, and trim() costs 2 µs.
_STRIPPED = (
    "CASE WHEN {0} BETWEEN '!' AND '~~' AND right({0}, 1) BETWEEN '!' AND '~' THEN {0} "
    f"ELSE trim(coalesce({{0}}, ''), '{_BLANKS}') END"
)
_TEXT = "(FORMAT csv, HEADER false, QUOTE '', ESCAPE '')"


def join_fast(plan: Plan, folder: Path, left: Left, least_rows: int) -> Iterator[Matched] | None:
    """Return what `join` yields, in another order; note in `left` and `plan.received` what reading notes.

    None where DuckDB is not installed, a file is not plain, or all files have fewer than `least_rows` rows.
    """
    try:
        import duckdb  # noqa: PLC0415 - an extra that need not be installed
    except ImportError:
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
            unique = _load_segment(link, segments, plan.outside())
            doubles = _match(link, customers, plan.classifier.columns)
            counts = _write(link, folder, len(plan.classifier.columns), unique=unique)
    except (NotPlainError, DataError, UnicodeDecodeError, duckdb.Error):
        return None  # what is wrong, if anything, is for the other join to say
    plan.received.extend(file.rows for file in segments)
    left.rejects.adopt(folder / "rejects-fast", counts)
    left.doubles += doubles
    return _read_matches(folder / "matches", plan.classifier.columns)


def _load_segment(link: Any, segments: Sequence[Plain], outside: Sequence[str]) -> bool:
    """Make `lines` (id, place), and `people` (id, its first place); tell whether both have as many rows."""
    # Those outside share a place, which for `people` and `matches` must be each one's own: it counts up.
    link.execute("CREATE TABLE outside (id VARCHAR, place BIGINT)")
    link.execute(
        f"INSERT INTO outside SELECT unnest(?::VARCHAR[]), {OUTSIDE} + row_number() OVER ()", [outside]
    )
    tables = ["FROM outside"]
    for number, file in enumerate(segments):
        user = _STRIPPED.format(f"c{find_user_column(file.source, file.header)}")
        where = f"{place(number, 1)} + row_number() OVER ()"
        tables.append(f"SELECT {user} AS id, {where} AS place FROM {file.table}")
    link.execute(f"CREATE VIEW lines AS {' UNION ALL '.join(tables)}")
    link.execute(
        "CREATE TABLE people AS SELECT id, min(place) AS place FROM lines WHERE id <> '' GROUP BY id"
    )
    (people,) = link.execute("SELECT count(*) FROM people").fetchone()
    return bool(people == sum(file.rows for file in segments) + len(outside))


def _match(link: Any, customers: Sequence[Plain], wanted: Sequence[str]) -> int:
    """Make `matches` (id, row, the wanted cells v0, v1 and so on, place); return how many rows were repeated."""
    _fill_matches(link, customers, wanted, numbered=False)
    rows, people = link.execute("SELECT count(*), count(DISTINCT place) FROM matches").fetchone()
    if rows > people:
        _fill_matches(link, customers, wanted, numbered=True)
        first = "SELECT place, min(row) FROM matches GROUP BY place"
        link.execute(f"DELETE FROM matches WHERE (place, row) NOT IN ({first})")
    return int(rows - people)


def _fill_matches(link: Any, customers: Sequence[Plain], wanted: Sequence[str], *, numbered: bool) -> None:
    """Join; `numbered`, which one thread alone can do, tells the rows of a customer apart."""
    tables = []
    for number, file in enumerate(customers):
        layout = read_layout(file.source, file.header)
        row = f"{place(number, 0)} + row_number() OVER ()" if numbered else "0"
        places = [layout.columns.get(name, layout.user) for name in wanted]
        cells = ", ".join(f"coalesce(c{at}, '') AS v{name}" for name, at in enumerate(places))
        user = _STRIPPED.format(f"c{layout.user}")
        tables.append(f"SELECT {user} AS id, {row} AS row, {cells} FROM {file.table}")
    rows = " UNION ALL ".join(tables)
    link.execute(f"CREATE OR REPLACE TABLE matches AS FROM ({rows}) JOIN people USING (id)")


def _write(link: Any, folder: Path, cells: int, *, unique: bool) -> dict[str, int]:
    """Write `matches`, a cell a line, and `rejects-fast` as the sorter of rejects does; count the reasons."""
    values = ", ".join(f"v{number}" for number in range(cells))
    row = f"concat_ws(chr(10), least(place, {OUTSIDE}), id, {values})"
    link.execute(f"COPY (SELECT {row} FROM matches) TO {quote_path(folder / 'matches')} {_TEXT}")
    rejects = "SELECT place, 'no_identity' AS reason FROM people ANTI JOIN matches USING (place)"
    if not unique:
        again = (
            "SELECT place, if(id = '', 'no_user_id', 'duplicate') FROM lines ANTI JOIN people USING (place)"
        )
        rejects += f" UNION ALL {again}"
    link.execute(f"CREATE TABLE rejects AS SELECT * FROM ({rejects}) WHERE place < {OUTSIDE}")
    line = f"printf('%0{PLACE_DIGITS}d', place) || chr(9) || reason"
    link.execute(
        f"COPY (SELECT {line} FROM rejects ORDER BY place) TO {quote_path(folder / 'rejects-fast')} {_TEXT}"
    )
    return dict(link.execute("SELECT reason, count(*) FROM rejects GROUP BY reason").fetchall())


def _read_matches(path: Path, wanted: Sequence[str]) -> Iterator[Matched]:
    width = 2 + len(wanted)
    rest = ""
    with path.open(encoding="utf-8", newline="\n") as file:
        while text := file.read(_READ_CHARACTERS):
            cells = (rest + text).split("\n")
            whole = (len(cells) - 1) // width * width
            rest = "\n".join(cells[whole:])
            columns = {name: cells[at:whole:width] for at, name in enumerate(wanted, start=2)}
            yield Matched([int(cell) for cell in cells[:whole:width]], cells[1:whole:width], columns)
    path.unlink()
