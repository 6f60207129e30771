"""What a segment file says of itself fits into an object's 2 KB of metadata, in every language."""

from urllib.parse import quote

import pytest
from audiences.segments.delivery import metadata


@pytest.mark.parametrize(
    "query", ['ITEMS.genres = "Action"', "x" * 5_000, "女" * 5_000, '"' * 5_000, "👩" * 5_000]
)
def test_metadata_fits(query):
    told = metadata("r" * 64, "s" * 55, query, "customer-profiles")
    assert sum(len(name) + len(quote(value, safe="")) for name, value in told.items()) <= 2_048
    assert told["query"] == query[: len(told["query"])]
    assert len(told["query"]) >= min(len(query), 100)
