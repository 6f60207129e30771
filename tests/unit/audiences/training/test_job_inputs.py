"""Query files: several queries, bad ones named, limits split, and output where the contract wants it."""

import json

import pytest
from audiences.errors import DataError
from audiences.training.config import read_config
from audiences.training.job_inputs import job_inputs
from audiences.training.queries import MOST_QUERIES, doubts, split
from hypothesis import given
from hypothesis import strategies as st

from .conftest import QUERY, encoded


def inputs_of(config, run, text=QUERY):
    return job_inputs(read_config(encoded(config), "c"), run, lambda _key: text)


def job(config):
    return config["solutions"][0]["batchSegmentJobs"][0]


def test_a_good_file_is_used_as_it_is(config, run):
    (only,), warnings = inputs_of(config, run)
    assert only.key == "batch/shop/affinity/job_config.json"
    assert only.is_original
    assert warnings == []


def test_more_queries_than_the_service_takes_are_split(config, run):
    job(config)["queries"] = [f'ITEMS.genres = "G{number}"' for number in range(23)]
    parts, _ = inputs_of(config, run)
    assert [len(part.queries) for part in parts] == [10, 10, 3]
    assert [part.key for part in parts] == [
        f"batch/shop/affinity/queries/{run.run_id}-{number}/job_config.json" for number in (1, 2, 3)
    ]


def test_no_input_path_is_the_prefix_of_another(config, run):
    """The service matches input paths as prefixes."""
    job(config)["queries"] = [f'ITEMS.genres = "G{number}"' for number in range(115)]
    keys = [part.key for part in inputs_of(config, run)[0]]
    assert len(keys) == 12
    assert not [(a, b) for a in keys for b in keys if a != b and b.startswith(a)]


def test_lines_that_cannot_be_read_are_named_and_the_others_kept(config, run):
    text = QUERY + "\nnot json\n" + '{"itemId": "1"}\n' + QUERY.replace("Action", "Comedy")
    (only,), warnings = inputs_of(config, run, text)
    assert len(only.queries) == 2
    assert not only.is_original
    assert [warning.split(": ")[0] for warning in warnings] == [
        "batch/shop/affinity/job_config.json:3:1",
        "batch/shop/affinity/job_config.json:4",
    ]


def test_a_file_without_any_query_is_refused(config, run):
    with pytest.raises(DataError, match="holds no query"):
        inputs_of(config, run, "\nnonsense\n")


def test_one_doubtful_query_of_ten_stays_in_and_is_named(config, run):
    good = [f'ITEMS.genres = "G{number}"' for number in range(9)]
    job(config)["queries"] = [*good, 'ITEMS.colour = "red"']
    (only,), warnings = inputs_of(config, run)
    assert len(only.queries) == 10
    assert len(warnings) == 1
    assert "colour" in warnings[0]
    assert "GENRES" in warnings[0]


def test_filter_values_of_the_job_reach_each_query(config, run):
    job(config)["serviceConfig"] |= {
        "filterArn": "arn:aws:personalize:eu-central-1:123456789012:filter/country",
        "filterValues": {"COUNTRY": '"Japan"'},
    }
    (only,), _ = inputs_of(config, run)
    assert only.queries[0]["filterValues"] == {"COUNTRY": '"Japan"'}
    assert not only.is_original


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ('ITEMS.genres = "Action"', None),
        ('items.GENRES = "NOT IN OR" AND ITEMS.genres = "ITEMS.x"', None),
        ('ITEMS.genres = "A" OR ITEMS.genres = "B"', "AND only"),
        ('ITEMS.genres = "A', "not closed"),
        ('genres = "A"', "names no attribute"),
        ('ITEMS.year = 1 AND ITEMS.genres = "A"', "no attribute year"),
    ],
)
def test_doubts(expression, reason):
    said = doubts({"itemAttributes": expression}, ["GENRES"])
    assert said is None if reason is None else reason in said


@given(st.integers(0, 1200), st.sampled_from(sorted(MOST_QUERIES)))
def test_splitting_keeps_every_query_once_in_order_and_in_bounds(count, recipe):
    queries = [{"itemId": json.dumps(number)} for number in range(count)]
    groups = split(queries, recipe)
    assert [query for group in groups for query in group] == queries
    assert all(0 < len(group) <= MOST_QUERIES[recipe] for group in groups)
