"""Positions in JSON: what a message says must be where an editor shows it."""

import json

from audiences.training.source_map import at, dotted, locate
from hypothesis import given
from hypothesis import strategies as st

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)


@given(VALUES, st.sampled_from([None, 0, 2]))
def test_every_part_of_any_json_is_found_where_it_stands(value, indent):
    text = json.dumps(value, indent=indent)
    source = locate(text)
    for path, offset in source.offsets.items():
        read, end = json.JSONDecoder().raw_decode(text, offset)
        if path and isinstance(path[-1], str):
            assert read == path[-1]
            assert text[end] == ":"
        else:
            assert read == at(value, path)
    assert source.duplicates == []


def test_line_and_column_count_from_one_and_fall_back_to_the_parent():
    source = locate('{\n  "a": [1,\n    {"b": 2}]\n}')
    assert source.position(("a", 1, "b")) == (3, 6)
    assert source.position(("a", 1, "missing")) == (3, 5)
    assert source.position(()) == (1, 1)


def test_a_key_given_twice_is_found():
    assert locate('{"a": 1, "b": {"c": 1, "c": 2}}').duplicates == [("b", "c")]


def test_paths_read_as_people_write_them():
    assert dotted(("solutions", 0, "serviceConfig", "name")) == "solutions[0].serviceConfig.name"
