"""The bulk join equals a naive join for any block size, and its memory is that of one block."""

import gzip
import io
import tracemalloc

import pytest
from audiences.errors import DataError
from audiences.preparation.sources import Source
from audiences.segments.endpoints import EndpointFilter
from audiences.segments.join import join_segments
from hypothesis import given
from hypothesis import strategies as st

USERS = st.sampled_from("abcdef")


@given(
    st.lists(st.lists(USERS, unique=True), max_size=4),
    st.lists(st.tuples(USERS, st.integers(0, 99).map(str)), unique=True),
    st.integers(1, 7),
)
def test_it_equals_a_naive_join(segments, directory, block_users):
    rows = [(number, user) for number, users in enumerate(segments) for user in users]
    found = []
    without = join_segments(
        iter(rows), lambda: iter(directory), lambda *hit: found.append(hit), block_users=block_users
    )
    assert sorted(found) == sorted((n, e) for n, user in rows for u, e in directory if u == user)
    known = {user for user, _ in directory}
    for number, users in enumerate(segments):
        assert without.get(number, 0) == sum(user not in known for user in users)


def test_s4_every_endpoint_of_a_user_is_kept():
    found = []
    join_segments([(0, "u")], lambda: [("u", str(n)) for n in range(15)], lambda *hit: found.append(hit))
    assert len(found) == 15


def test_s5_memory_is_that_of_one_block():
    def peak(users):
        def directory():
            return ((f"user-{n:020}", "e") for n in range(0, users, 2))

        tracemalloc.start()
        hits = 0

        def take(*_):
            nonlocal hits
            hits += 1

        rows = ((0, f"user-{n:020}") for n in range(users))
        assert join_segments(rows, directory, take, block_users=500) == {0: users // 2}
        assert hits == users // 2
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(4_000) <= peak(1_500) * 1.2


def test_s4_channel_opt_out_and_status_decide_and_are_counted():
    keep = EndpointFilter.of(" email,SMS ")
    lines = [
        b'{"Id": "1", "ChannelType": "EMAIL", "User": {"UserId": "u"}}',
        b'{"Id": "2", "ChannelType": "SMS", "OptOut": "NONE", "User": {"UserId": "u"}}',
        b'{"Id": "3", "ChannelType": "GCM", "User": {"UserId": "u"}}',
        b'{"Id": "4", "ChannelType": "EMAIL", "OptOut": "ALL", "User": {"UserId": "u"}}',
        b'{"Id": "5", "ChannelType": "EMAIL", "EndpointStatus": "INACTIVE", "User": {"UserId": "u"}}',
        b'{"Id": "6", "ChannelType": "EMAIL"}',
        b"",
    ]
    export = Source("export.gz", lambda: io.BytesIO(gzip.compress(b"\n".join(lines))))
    assert list(keep.read(export)) == [("u", "1"), ("u", "2")]
    assert keep.kept == 2
    assert keep.left_out == {"other channel": 1, "opted out": 1, "inactive": 1, "no user": 1}


@pytest.mark.parametrize("line", [b"{", b"[" * 100_000, b"7"])
def test_a_damaged_line_of_an_export_stops_because_its_endpoint_would_be_left_out(line):
    export = Source("export.json", lambda: io.BytesIO(b'{"Id": "1"}\n' + line))
    with pytest.raises(DataError, match=r"Line 2 of export\.json"):
        list(EndpointFilter().read(export))


def test_no_channels_means_all_channels():
    assert (
        EndpointFilter.of("").reason_against({"Id": "1", "ChannelType": "GCM", "User": {"UserId": "u"}}) == ""
    )
