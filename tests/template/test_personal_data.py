"""The page that says where people are, who reads that and when it is gone, against the templates."""

import json
import re

import pytest

from tests.template.conftest import ROOT, TEMPLATES, load_template
from tests.template.test_templates import as_list, statements

PAGE = ROOT / "docs/reference/personal-data.md"
NAMES_NOBODY = {"activations", "code", "names", "runs"}
BUCKETS = ("AudienceBucket", "SegmentImportBucket")
FOR_GOOD = "you decide"


def told():
    """`{(bucket, place): (readers, when it is gone)}` of the page's tables, in the buckets' order."""
    tables = PAGE.read_text().split("|---|---|---|---|---|\n")[1:]
    found = {}
    for bucket, table in zip(BUCKETS, tables, strict=True):
        for row in table.split("\n\n")[0].splitlines():
            place, *_, readers, gone = (cell.strip() for cell in row.strip("|").split("|"))
            names = set(readers.split(", ")) - {"nobody"}
            found[bucket, place.strip("`/")] = (names, gone)
    return found


def permitted():
    """`{(bucket, place): stacks whose roles may read it}`."""
    found = {}
    for path in TEMPLATES:
        for statement in statements(load_template(path)):
            if statement["Effect"] == "Allow" and any(
                re.fullmatch(r"s3:(\*|GetObject(Version)?)", action)
                for action in as_list(statement.get("Action", []))
            ):
                where = json.dumps(statement["Resource"])
                for bucket, place in re.findall(
                    rf"\$\{{({'|'.join(BUCKETS)})Name\}}/(?:\$\{{)?([\w-]+)", where
                ):
                    found.setdefault((bucket, place), set()).add(path.stem)
    return found


def expiring():
    """`{(bucket, place): days}` of the lifecycle rules."""
    resources = load_template(ROOT / "template.yaml")["Resources"]
    return {
        (bucket, rule["Prefix"].strip("/")): rule["ExpirationInDays"]
        for bucket in BUCKETS
        for rule in resources[bucket]["Properties"]["LifecycleConfiguration"]["Rules"]
        if "Prefix" in rule
    }


@pytest.mark.parametrize("place", sorted(told() | permitted()), ids="/".join)
def test_who_may_read_a_place_is_told(place):
    readers = permitted().get(place, set())
    if place[1] in NAMES_NOBODY:
        assert place not in told()
    else:
        assert told()[place][0] == readers


@pytest.mark.parametrize("place", sorted(told() | expiring()), ids="/".join)
def test_when_a_place_is_empty_is_told(place):
    days = expiring().get(place)
    assert told()[place][1] == (f"{days} days" if days else FOR_GOOD)


def test_a_list_lives_as_long_as_what_was_prepared_against_it():
    days = {place: number for (_, place), number in expiring().items()}
    assert days["lists"] >= days["prepared"]


def queues():
    """`{(stack, queue): days until a message is gone}` of the templates; SQS keeps one for four days by itself."""
    return {
        (path.stem, name): resource.get("Properties", {}).get("MessageRetentionPeriod", 345_600) // 86_400
        for path in TEMPLATES
        for name, resource in load_template(path)["Resources"].items()
        if resource["Type"] == "AWS::SQS::Queue"
    }


def test_every_queue_is_told_with_its_days():
    rows = re.findall(r"^\| `(\w+)` of [^|]+\|.*\| (\d+) days[^|]*\|$", PAGE.read_text(), re.MULTILINE)
    assert {name for _, name in queues()} == {name for name, _ in rows}
    assert {(name, str(days)) for (_, name), days in queues().items()} == set(rows)
