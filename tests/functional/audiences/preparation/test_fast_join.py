"""DuckDB joins what it reads as we do, to the same bytes; all else is left to the other join."""

import json
import random
import sys

import pytest
from audiences.errors import DataError
from audiences.preparation import plain_csv
from audiences.preparation import prepare as preparing
from audiences.preparation.fast_join import join_fast
from audiences.preparation.join import Left
from audiences.preparation.plan import Inputs, compile_plan
from audiences.preparation.rejects import Rejects, place
from audiences.preparation.request import Request
from audiences.preparation.sources import Source
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("duckdb")
SEGMENT = "user_id\n1\n2\n3\n\u00a04 \n4\n \n9\n2\n"
CUSTOMERS = (
    "user_id,email,city\n1,ada@example.com,\n 2 ,bob@example.com,Z\u00fcrich\n2,two@example.com,\n"
    "4,dan@example.com,\n,nobody@example.com,\n7,eve@example.com,\n1,late@example.com,x"
)
ONCE = "user_id\n1\n3\n4\n9\n"  # nobody twice, nor here
ONCE_CUSTOMERS = "user_id,email\n4,dan@example.com\n,nobody@example.com\n1,ada@example.com\n8,\n"
FAR = CUSTOMERS + "\n" + "8,far@example.com,\n" * 20_000  # what follows is not seen with the header


class Files:
    """Tables in a folder, prepared by either join."""

    def __init__(self, folder):
        self.folder = folder

    def write(self, name, text):
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return Source.of(path)

    def inputs(self, segments, customers, optouts=(), ledger=None):
        return Inputs(
            segments=[self.write(f"segment-{n}.csv", text) for n, text in enumerate(segments)],
            identities=[self.write(f"customers-{n}.csv", text) for n, text in enumerate(customers)],
            suppressions=[self.write("optouts.csv", text) for text in optouts],
            ledger=ledger,
        )

    def prepare(self, inputs, fast_rows, **asked):
        """Return the bytes of every file, or what was wrong."""
        output = self.folder / f"out-{fast_rows}"
        request = Request(**{"platform": "meta", "audience": "A", "country": "US", **asked})
        try:
            preparing.prepare(request, inputs, output, fast_rows=fast_rows)
        except DataError as error:
            return str(error)
        return {path.name: path.read_bytes() for path in output.iterdir()}

    def is_fast(self, inputs, least_rows=0):
        work = self.folder / "work"
        work.mkdir(exist_ok=True)
        left = Left(Rejects(work))
        plan = compile_plan(Request(platform="meta", audience="A"), inputs)
        found = join_fast(plan, work, left, least_rows)
        assert found is not None or (plan.received, left.doubles, left.rejects.counts) == ([], 0, {})
        return found is not None


@pytest.fixture
def files(tmp_path):
    return Files(tmp_path)


@pytest.mark.parametrize(
    ("segments", "customers"),
    [
        ([SEGMENT], [CUSTOMERS]),
        (
            [SEGMENT, "User.UserId,score\n7,1\n1,2\n"],
            [CUSTOMERS, "mobile,email,user_id\n,new@example.com,9\n,,1\n"],
        ),
        ([SEGMENT], [CUSTOMERS.replace(",", ";")]),
        ([SEGMENT], [CUSTOMERS.replace(",", "\t")]),
        ([SEGMENT], [CUSTOMERS.replace(",", "|")]),
        (["user_id\n"], [CUSTOMERS]),
        (["user_id\n5\n6"], ["user_id,email\n"]),
        (
            ["id\n'1'\n#2\n\\N\nNULL\n"],
            ["id,user_id,email\n1,'1',a@example.com\n2,#2,'b\n,NULL,c@example.com\n"],
        ),
        ([ONCE], [ONCE_CUSTOMERS]),
        ([ONCE, "id\n7\n10\n"], [ONCE_CUSTOMERS, "user_id,email\n7,x@example.com\n11,y@example.com\n"]),
        ([ONCE], [CUSTOMERS]),
        ([ONCE + "1\n"], [ONCE_CUSTOMERS]),
        ([ONCE, "id\n9\n"], [ONCE_CUSTOMERS]),
        ([ONCE + " \n"], [ONCE_CUSTOMERS]),
        ([SEGMENT], [CUSTOMERS, "user_id,phone,consent_ads\n3,+12025550103,yes\n1,,yes\n2,,no\n"]),
        ([SEGMENT], ["phone,user_id\n+12025550103,3\n,1\n", CUSTOMERS]),
        (
            ["user_id\n 1\n2 \na b\n c  d \n"],
            ["user_id,email\n1 ,a@example.com\n a b ,b@example.com\nc  d,\n"],
        ),
        (["user_id\n\ufeff1\n2\n"], ["user_id,email\n1,\ufeffa@example.com\n2\ufeff,b@example.com\n"]),
    ],
)
def test_plain_files_are_joined_fast_to_the_same_bytes(files, segments, customers):
    inputs = files.inputs(segments, customers)
    assert files.is_fast(inputs)
    made = files.prepare(inputs, 0)
    assert "manifest.json" in made
    assert made == files.prepare(inputs, None)


@pytest.mark.parametrize("segment", [SEGMENT, "user_id\n2\n4\n9\n"])
@pytest.mark.parametrize("mode", ["add", "mirror", "remove"])
def test_whoever_opted_out_is_asked_for_as_well(files, mode, segment):
    files.prepare(files.inputs(["user_id\n1\n2\n4\n7\n"], [CUSTOMERS]), None)
    ledger = Source.of((files.folder / "out-None" / "wanted.tsv.gz").rename(files.folder / "held.tsv.gz"))
    optouts = ['user_id,email\n7,\n4,\n1,\n"a\nb",\n,two@example.com\n']
    inputs = files.inputs([segment], [CUSTOMERS], optouts, ledger)
    made = files.prepare(inputs, 0, mode=mode, fuse=0, identifiers=("email", "external_id"))
    assert any(name.startswith("part-remove") for name in made)
    assert made == files.prepare(inputs, None, mode=mode, fuse=0, identifiers=("email", "external_id"))


@pytest.mark.parametrize(
    "customers",
    [
        CUSTOMERS + ",\n",  # one empty cell too many, which DuckDB overlooks
        CUSTOMERS + ",\n\n\n",  # and two blank lines, which together have as few cells
        CUSTOMERS + "\n3\n",
        CUSTOMERS + "\n3",
        CUSTOMERS + "\n3,a@example.com",
        CUSTOMERS + "\n3,a@example.com,b,c\n",
        CUSTOMERS + "\n\n3,a@example.com,b\n",
        CUSTOMERS + '\n3,a@example.com,"b"\n',
        CUSTOMERS.replace("\n", "\r\n"),
        CUSTOMERS.replace("\n", "\r"),
        CUSTOMERS.encode("utf-16"),
        CUSTOMERS.encode("utf-16-le"),
        "\n" + CUSTOMERS,
        "sep=,\n" + CUSTOMERS,
        "sep=;\nuser_id;email\n1;a@example.com\n2;b@example.com\n",  # whose marks are those of a row
        "user_id,email,E-Mail 2\n1,,a@example.com\n2,b@example.com,c@example.com\n",
        CUSTOMERS + "\n3,a@example.com,\r",
        FAR + "3,a@example.com,\0\n",
        "\ufeff" + CUSTOMERS,
        FAR.encode() + b"3,a@example.com,\xff\n",
        FAR.encode() + b"3,a@example.com,\xc3",
        CUSTOMERS + "\n3,a@example.com," + "x" * 140_000 + "\n",
    ],
)
def test_what_could_be_read_in_two_ways_is_left_to_the_other_join(files, customers):
    inputs = files.inputs([SEGMENT], [customers])
    assert not files.is_fast(inputs)
    assert files.prepare(inputs, 0) == files.prepare(inputs, None)


def test_a_blank_line_is_no_row(files):
    inputs = files.inputs(["user_id\n1\n\n2\n"], [CUSTOMERS])
    assert not files.is_fast(inputs)
    assert files.prepare(inputs, 0) == files.prepare(inputs, None)


def test_small_files_streams_and_machines_without_duckdb_are_left_to_the_other_join(files, monkeypatch):
    inputs = files.inputs([SEGMENT], [CUSTOMERS])
    assert files.is_fast(inputs, least_rows=15)
    assert not files.is_fast(inputs, least_rows=16)
    stream = Source("segment.csv", inputs.segments[0].open)
    assert not files.is_fast(Inputs(segments=[stream], identities=inputs.identities))
    starred = [files.write("a*.csv", CUSTOMERS)]
    assert not files.is_fast(Inputs(segments=inputs.segments, identities=starred))
    named = [files.write("segment.jsonl", SEGMENT)]
    assert not files.is_fast(Inputs(segments=named, identities=inputs.identities))
    monkeypatch.setitem(sys.modules, "duckdb", None)
    assert not files.is_fast(inputs)


def test_places_are_those_of_the_lines_when_two_threads_read_a_file_in_pieces(files, monkeypatch, tmp_path):
    monkeypatch.setattr(plain_csv, "_BUFFER_BYTES", 1 << 21)
    texts = ["x,user_id\n" + "".join(f"{'x' * 100},u{n}\n" for n in few) for few in (range(90_000), (-1, -2))]
    customers = "user_id,email\n" + "".join(f"u{n},a@example.com\n" for n in range(-1, 180_000, 2))
    plan = compile_plan(Request(platform="meta", audience="A"), files.inputs(texts, [customers]))
    left = Left(Rejects(tmp_path))
    found = {
        user: where
        for batch in join_fast(plan, tmp_path, left, 0)
        for where, user in zip(batch.places, batch.users, strict=True)
    }
    assert found == {"u-1": place(1, 2)} | {f"u{n}": n + 2 for n in range(1, 90_000, 2)}
    left.rejects.write(tmp_path / "rejects.csv", ["first", "second"])
    lines = (tmp_path / "rejects.csv").read_text().splitlines()[1:]
    assert lines == [f"{n + 2},no_identity,first" for n in range(0, 90_000, 2)] + ["3,no_identity,second"]


def test_a_folder_with_a_quote_in_its_name(files, tmp_path):
    files.folder = tmp_path / "it's"
    files.folder.mkdir()
    inputs = files.inputs([SEGMENT], [CUSTOMERS])
    assert files.is_fast(inputs)


@pytest.mark.parametrize("identifiers", [(), ("email",), ("phone",)])
def test_an_opt_out_under_another_account_holds_with_either_join(files, identifiers):
    rows = "1,ada@example.com,+12025550101\n2,bob@example.com,+12025550102\n3,cleo@example.com,+12025550103\n"
    listed = "8,ada@example.com,+12025550108\n9,eve@example.com,+12025550102\n9,cleo@example.com,\n"
    inputs = files.inputs(
        ["user_id\n1\n2\n3\n"],
        ["user_id,email,phone\n" + rows, "user_id,email,phone\n" + listed],
        ["user_id\n8\n9\n9\n7\n"],
    )
    assert files.is_fast(inputs)
    made = files.prepare(inputs, 0, identifiers=identifiers)
    assert made == files.prepare(inputs, None, identifiers=identifiers)
    told = json.loads(made["manifest.json"])
    assert told["counts"]["suppressed"] == 3
    assert told["suppressions"]["unknown_user_ids"] == 1


@pytest.mark.parametrize("mode", ["add", "mirror", "remove"])
def test_the_no_of_a_further_row_wins_with_either_join(files, mode):
    said = "user_id,email,consent_ads\n2,new@example.com,no\n4,,perhaps\n7,new@example.org,yes\n1,,\n9,,yes\n"
    inputs = files.inputs([SEGMENT + "7\n"], [CUSTOMERS, said], ["email\nnew@example.org\n"])
    assert files.is_fast(inputs)
    made = files.prepare(inputs, 0, mode=mode)
    assert made == files.prepare(inputs, None, mode=mode)
    if mode != "remove":
        counts = json.loads(made["manifest.json"])
        assert counts["counts"]["suppressed"] == 1
        assert counts["reject_reasons"]["consent_denied"] == 1
        assert counts["reject_reasons"]["consent_unreadable"] == 1


ids = st.sampled_from(
    ["1", "2", "3", "4", "5", " 1", "2\t", "\u20033", "", " ", "\u00e9", "\x1f5", "~6\x7f", "6"]
)
odd = st.sampled_from([*[""] * 14, "\n", "\r", '"', ",", ",,", "\0"])  # after the last row of a table
mails = st.sampled_from(
    ["a@example.com", " B@example.com", "", "broken", "\u00fc@example.com", "c@example.org"]
)


def table(head, rows, end):
    text = "".join(f"\n{row}" for row in rows)
    return f"{head}{text}{text and end}"


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    segments=st.lists(st.tuples(st.lists(ids, max_size=9), odd), min_size=1, max_size=2),
    customers=st.lists(st.tuples(st.lists(st.tuples(mails, ids), max_size=9), odd), min_size=1, max_size=2),
    optouts=st.lists(ids, max_size=3),
)
def test_either_join_gives_the_same_bytes_or_the_same_error(files, segments, customers, optouts):
    inputs = files.inputs(
        [table("user_id", rows, end) for rows, end in segments],
        [table("email,user_id", map(",".join, rows), end) for rows, end in customers],
        ["user_id,x\n" + "".join(f"{user},\n" for user in optouts)],
    )
    assert files.prepare(inputs, 0) == files.prepare(inputs, None)


@pytest.mark.slow
def test_200_000_rows_give_the_same_bytes(files):
    rng = random.Random(5)
    segment = [f"u{rng.randrange(320_000)}\n" for _ in range(200_000)]
    customers = [f"u{rng.randrange(200_000)},user{n}@example.com\n" for n in range(200_000)]
    inputs = files.inputs(["user_id\n" + "".join(segment)], ["user_id,email\n" + "".join(customers)])
    assert files.is_fast(inputs)
    made = files.prepare(inputs, 0)
    assert made == files.prepare(inputs, None)
    assert b'"duplicate"' in made["manifest.json"]
