"""One segment per readable line; what is wrong with a line stays with that line."""

import json

from audiences.segments.split import Segment, split_output


def split(tmp_path, *files):
    kept = []

    def keep(query, identity, users, spool):
        kept.append((query, identity, users, spool.read_text()))
        return Segment(query, query, users, query, "uri")

    segments, failed = split_output(
        ((name, [text.encode()]) for name, text in files), tmp_path / "spool.csv", keep
    )
    return kept, segments, [(f.query, f.reason) for f in failed]


def line(query, users=None, **more):
    return json.dumps({"input": {"itemAttributes": query}, "output": {"usersList": users}, **more}) + "\n"


def test_s1_all_lines_of_all_files_are_kept(tmp_path):
    kept, segments, failed = split(
        tmp_path, ("a.out", line("q1", ["1", "2"]) + line("q2", [])), ("b.out", line("q3", ["3"]))
    )
    assert [(q, n, text) for q, _, n, text in kept] == [
        ("q1", 2, "User.UserId\n1\n2\n"),
        ("q2", 0, "User.UserId\n"),
        ("q3", 1, "User.UserId\n3\n"),
    ]
    assert (len(segments), failed) == (3, [])


def test_s1_the_same_query_twice_is_two_segments(tmp_path):
    kept, _, _ = split(tmp_path, ("a.out", line("q", ["1"]) + line("q", ["2"])))
    assert [identity for _, identity, _, _ in kept] == ["q", "q #2"]


def test_s2_errors_stay_with_their_line(tmp_path):
    text = (
        line("q1", ["1"], error="late error")
        + "{\n"
        + line("q3", ["3"])
        + '{"output": {"usersList": ["4"]}}\n'
    )
    text += line("q5", None) + line("q6", ["6"], error={"code": 7})
    kept, _, failed = split(tmp_path, ("a.out", text))
    assert [q for q, *_ in kept] == ["q3"]
    assert [query for query, _ in failed] == ["q1", "line 2 of a.out", "line 4 of a.out", "q5", "q6"]
    assert (failed[0][1], failed[4][1]) == ("late error", '{"code": 7}')


def test_an_answer_names_what_the_query_names_and_nobody_else(tmp_path):
    text = line('ITEMS.DIRECTOR = "Nobody"', None, error="Column DIRECTOR is unknown, user 'Jane Doe'")
    assert split(tmp_path, ("a.out", text))[2][0][1] == "Column DIRECTOR is unknown, user '…'"


def test_ids_with_commas_quotes_and_line_breaks_are_csv(tmp_path):
    ((_, _, users, text),), _, _ = split(tmp_path, ("a.out", line("q", ['a,"b"', "c\nd", "", "é"])))
    assert users == 3
    assert text == 'User.UserId\n"a,""b"""\n"c\nd"\né\n'
