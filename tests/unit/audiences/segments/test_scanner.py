"""The streaming reader agrees with json.loads on every line, however the stream is cut, in bounded memory."""

import json
import tracemalloc

import pytest
from audiences.errors import RecordRejected
from audiences.segments import scanner
from audiences.segments.lines import read_lines
from audiences.segments.scanner import scan_line
from hypothesis import given
from hypothesis import strategies as st

IDS = st.lists(st.text(min_size=1, max_size=12))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def cut(data, size):
    return [data[at : at + size] for at in range(0, len(data), size)]


def scan(data, size=1 << 20):
    """Every line as (members, users, count), None for a blank one, or the text of its error."""
    found = []
    for line in read_lines(cut(data, size)):
        users = []
        try:
            scanned = scan_line(line, users.extend)
        except RecordRejected as error:
            found.append(str(error))
        else:
            found.append(scanned and (scanned.members, users, scanned.users))
    return found


@given(IDS, VALUES, st.booleans(), st.booleans(), st.booleans(), st.integers(1, 40))
def test_it_agrees_with_json_loads_however_the_stream_is_cut(users, query, escaped, tight, documented, size):
    if documented:
        value = {"itemAttributes": query, "output": {"more": query, "recommendedUsers": users}}
    else:
        value = {"output": {"usersList": users, "more": 1}, "error": None, "input": query}
    text = json.dumps(value, ensure_ascii=escaped, separators=(",", ":") if tight else None)
    expected = {name: member for name, member in json.loads(text).items() if name != "output"}
    line = (expected, users, len(users))
    assert scan(f"{text}\n\n{text}\r\n".encode(), size) == [line, None, line]


@given(st.text(alphabet='{}[]",:\\ aul1\t\n', max_size=60), st.integers(1, 9))
def test_garbage_is_an_error_of_its_line_and_of_no_other(garbage, size):
    good = b'{"input":{"itemId":"1"},"output":{"usersList":["u"]}}'
    found = scan(garbage.encode() + b"\n" + good, size)
    assert found[-1] == ({"input": {"itemId": "1"}}, ["u"], 1)
    assert len(found) == garbage.count("\n") + 2


@given(st.integers(0, 70), st.integers(1, 7))
def test_a_line_cut_off_anywhere_is_refused(length, size):
    whole = b'{"input": {"itemAttributes": "a"}, "output": {"usersList": ["1", "2\\u00e9"]}}'
    (found,) = scan(whole[: max(length, 1)], size)
    assert isinstance(found, str)
    assert "Line 1 of the batch output cannot be read" in found


@pytest.mark.parametrize(
    "line",
    [
        '{"output": {"usersList": ["1", 2]}}',
        '{"output": {"usersList": ["1",]}}',
        '{"output": {"usersList": ["1" "2"]}}',
        '{"output": {"usersList": ["1"], "recommendedUsers": ["1"]}}',
        '{"output": {"usersList": ["\\x"]}}',
        '{"output": {"usersList": ["1"]}} {}',
        '{"a": 1 2}',
        '["1"]',
        "null",
    ],
)
def test_what_is_no_such_object_is_refused(line):
    assert isinstance(scan(line.encode())[0], str)


def test_errors_never_quote_the_line():
    (found,) = scan(b'{"output": {"usersList": ["one@example.com", 7]}}')
    assert "example.com" not in found


def test_a_byte_order_mark_is_dropped_and_broken_utf8_spoils_one_id_only():
    data = b'\xef\xbb\xbf{"output": {"usersList": ["a\xff", "b"]}}'
    assert scan(data, 3) == [({}, ["a\ufffd", "b"], 2)]


def test_s7_memory_does_not_grow_with_the_users_of_a_line(monkeypatch):
    monkeypatch.setattr(scanner, "ID_BATCH", 500)

    def peak(users):
        def chunks():
            yield b'{"input": {"itemAttributes": "a"}, "output": {"usersList": ["0"'
            for start in range(0, users, 100):
                yield "".join(f', "user-{n:032}"' for n in range(start, start + 100)).encode()
            yield b"]}}"

        tracemalloc.start()
        counted = 0

        def take(ids):
            nonlocal counted
            counted += len(ids)

        for line in read_lines(chunks()):
            assert scan_line(line, take).users == users + 1
        assert counted == users + 1
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(8_000) <= peak(2_000) * 1.2
