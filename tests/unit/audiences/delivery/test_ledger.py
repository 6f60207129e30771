"""Three lists become one: ledger and platform agree, and a mirror gets its way."""

from audiences.delivery.ledger import merge, with_still_there, without_refused
from audiences.delivery.refused import values_of
from audiences.preparation.ledger import parts_of, split_day
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


DATED = st.dictionaries(
    st.sampled_from("abcdef"),
    st.tuples(
        st.sets(st.sampled_from(["email=1", "phone=2"]), min_size=1), st.sampled_from(["", "~3", "@3", "@5"])
    ),
)
SENT_TODAY = "@9"


def dated(people):
    return [
        line + f"\t{people[line[0]][1]}" if people[line[0]][1] else line
        for line in lines({k: v[0] for k, v in people.items()})
    ]


def prepared(base, people, again):
    """Return what a preparation wants: who is new, changed, or in `again` has today as the day."""
    now = dict(base)
    for key, (found, _) in people.items():
        same = key in base and base[key][0] == found and key not in again
        now[key] = base[key] if same else (found, SENT_TODAY)
    return now


@given(DATED, DATED, DATED, st.sets(st.sampled_from("abcdef")))
def test_who_was_sent_again_is_held_whatever_others_did_and_who_was_not_is_not_thought_to_be(
    base, people, now, again
):
    wanted = prepared(base, people, again)
    touched = {key for key, (_, day) in wanted.items() if day == SENT_TODAY}
    kept = {one.key: one.keep for one in merge(dated(base), dated(wanted), dated(now), mirror=False)}
    for key, line in kept.items():
        held = set(now[key][0]) if key in now else set()
        if key in touched:
            gone = base[key][0] - wanted[key][0] if key in base else set()
            held = (held - gone) | wanted[key][0]
        assert {one[:-1] for one in parts_of(line or "")} == held
        if held:
            later = SENT_TODAY if key in touched else now[key][1]
            assert split_day(line)[1] in (later, base.get(key, ((), ""))[1])


def test_of_two_days_the_later_counts_and_an_estimate_stays():
    def merged(base, wanted, now, *, mirror=True):
        return [one.keep for one in merge([base], [wanted], [now], mirror=mirror)]

    for mirror in (True, False):
        assert merged("a\te=1\t@3", "a\te=1\t@3", "a\te=1\t@7", mirror=mirror) == ["a\te=1\t@7"]
        assert merged("a\te=1", "a\te=1\t~3", "a\te=1", mirror=mirror) == ["a\te=1\t~3"]
        assert merged("a\te=1\t~3", "a\te=1\t@9", "a\te=1\t~3", mirror=mirror) == ["a\te=1\t@9"]


def test_a_mirror_sends_who_was_taken_out_meanwhile_unless_the_parts_do():
    (one,) = merge(["a\te=1"], ["a\te=1\t~3"], [], mirror=True)
    assert one.add == "a\te=1\t~3"
    (one,) = merge(["a\te=1\t@3"], ["a\te=1\t@9"], [], mirror=True)
    assert one.add is None


def test_who_is_refused_when_sent_again_stays_with_the_day_of_before():
    wanted, held = ["a\te=1\t@9", "b\te=2\t@9", "c\te=3\t@9"], ["a\te=1\t@3", "c\te=4\t@3"]
    found = list(without_refused(wanted, {"1", "2", "3"}, held, whole_rows=True))
    assert found == ["a\te=1\t@3"]
    assert list(without_refused(["a\te=1\tp=2\t@9"], {"1"}, whole_rows=False)) == ["a\tp=2\t@9"]


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


def test_whom_the_platform_would_not_let_go_stays_with_the_day_of_before():
    held = ["a\temail=1\tphone=2\t@20", "b\temail=3\t@20", "c\temail=5\t@20"]
    lines = ["b\temail=4\t@21", "d\temail=6\t@21"]
    kept = list(with_still_there(lines, {"1", "3"}, held))
    assert kept == ["a\temail=1\t@20", "b\temail=4\temail=3\t@21", "d\temail=6\t@21"]
    assert list(with_still_there(lines, {"9"}, held)) == lines
