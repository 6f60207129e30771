"""Three lists become one: ledger and platform agree, and a mirror gets its way."""

from audiences.delivery.ledger import merge, without_refused
from audiences.delivery.refused import values_of
from hypothesis import given
from hypothesis import strategies as st

KEYS = st.dictionaries(
    st.sampled_from("abcdef"), st.sets(st.sampled_from(["email=1", "phone=2", "maid=3"]), min_size=1)
)


def lines(people):
    return [
        f"{key}\t" + "\t".join(f"{one}{key}" for one in sorted(ids)) for key, ids in sorted(people.items())
    ]


def ids(rows):
    return {(row.split("\t")[0], one) for row in rows for one in row.split("\t")[1:]}


def settle(base, wanted, now, *, mirror):
    """Do to `now` what the parts (wanted against base) and then the merge tell a platform."""
    held = (ids(now) | (ids(wanted) - ids(base) if not mirror else set())) - (ids(base) - ids(wanted))
    changed = {row.split("\t")[0] for row in {*wanted} ^ {*base}}
    held |= {one for one in ids(wanted) if one[0] in changed}  # a changed person's row is sent whole
    ledger = []
    for one in merge(base, wanted, now, mirror=mirror):
        if one.add:
            held |= ids([one.add])
        held -= {(one.key, back) for back in one.take_back}
        if one.keep:
            ledger.append(one.keep)
    return held, ledger


@given(KEYS, KEYS, KEYS)
def test_a_mirror_ends_with_the_wanted_list(base, wanted, now):
    held, ledger = settle(lines(base), lines(wanted), lines(now), mirror=True)
    assert ledger == lines(wanted)
    assert held == ids(lines(wanted))


@given(KEYS, KEYS, KEYS)
def test_without_mirror_the_ledger_is_what_the_platform_holds(base, wanted, now):
    held, ledger = settle(lines(base), lines(wanted), lines(now), mirror=False)
    assert ids(ledger) == held
    assert [row.split("\t")[0] for row in ledger] == sorted({row.split("\t")[0] for row in ledger})


@given(KEYS, KEYS)
def test_when_nothing_happened_meanwhile_there_is_nothing_extra(base, wanted):
    for mirror in (True, False):
        merged = list(merge(lines(base), lines(wanted), lines(base), mirror=mirror))
        assert not any(one.add or one.take_back for one in merged)
        assert [one.keep for one in merged if one.keep] == lines(wanted)


def test_a_refused_person_leaves_the_ledger_and_a_refused_identifier_only_itself():
    held = ["a\temail=1\tphone=2", "b\temail=3"]
    assert list(without_refused(held, {"1", "2"}, whole_rows=True)) == ["b\temail=3"]
    assert list(without_refused(held, {"1"}, whole_rows=True)) == held
    assert list(without_refused(held, {"1"}, whole_rows=False)) == ["a\tphone=2", "b\temail=3"]
    assert list(without_refused(held, {"1", "2"}, whole_rows=False)) == ["b\temail=3"]


def test_values_are_found_in_every_form_of_rows():
    plain = {"1"}
    for data, kind in (
        (b'{"schema":["EMAIL"],"data":[["0"],["1"]]}', "matrix"),
        (b'[{"x":"0"},{"x":{"y":["1"]}}]', "objects"),
        (b"0\n1\n", "lines"),
        (b"head\n0\n1\n", "csv"),
        (b'{"x":"0"}\n{"x":"1"}\n', "ndjson"),
        ('{"x":"0\u2028\x85"}\n{"x":"1"}\n'.encode(), "ndjson"),
        ("0\u2028\x0b\n1\n".encode(), "lines"),
        ('head\n"0\u2028\n0"\n1\n'.encode(), "csv"),
    ):
        found = values_of(data, kind, [1])
        assert {value for value in found if not value.startswith("sha256:")} == plain
        assert values_of(data, kind, [7]) == set()
