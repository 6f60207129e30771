"""Decides whether a profile is in a segment: groups of dimensions and source segments.

Shapes: SegmentGroup, Group, Dimension of
https://docs.aws.amazon.com/customerprofiles/latest/APIReference/API_SegmentGroup.html. AWS does not
document what a profile without the attribute does: here only EXCLUSIVE and NOT_BETWEEN take it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from local.customer_profiles.mapping import value_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.customer_profiles.profile_store import Profile

Groups = dict[str, Any]
FindGroups = Callable[[str], Groups]

_ADDRESSES = ("Address", "ShippingAddress", "MailingAddress", "BillingAddress")
_TEXT: dict[str, Callable[[str, list[str]], bool]] = {
    "INCLUSIVE": lambda value, wanted: value in wanted,
    "EXCLUSIVE": lambda value, wanted: value not in wanted,
    "CONTAINS": lambda value, wanted: any(w in value for w in wanted),
    "BEGINS_WITH": lambda value, wanted: any(value.startswith(w) for w in wanted),
    "ENDS_WITH": lambda value, wanted: any(value.endswith(w) for w in wanted),
}
_NUMBER: dict[str, Callable[[float, list[float]], bool]] = {
    "GREATER_THAN": lambda value, wanted: value > wanted[0],
    "LESS_THAN": lambda value, wanted: value < wanted[0],
    "GREATER_THAN_OR_EQUAL": lambda value, wanted: value >= wanted[0],
    "LESS_THAN_OR_EQUAL": lambda value, wanted: value <= wanted[0],
    "EQUAL": lambda value, wanted: value in wanted,
}
_DATE: dict[str, Callable[[date, list[date]], bool]] = {
    "BEFORE": lambda value, wanted: value < wanted[0],
    "AFTER": lambda value, wanted: value > wanted[0],
    "ON": lambda value, wanted: value in wanted,
    "BETWEEN": lambda value, wanted: wanted[0] <= value <= wanted[1],
    "NOT_BETWEEN": lambda value, wanted: not wanted[0] <= value <= wanted[1],
}
_TAKES_MISSING = ("EXCLUSIVE", "NOT_BETWEEN")
_DYNAMIC = re.compile(r"\{\{_profile\.([A-Za-z0-9_.-]+)\}\}")


class UnsupportedSegmentError(Exception):
    """The rules use what this stand-in does not evaluate."""


def is_member(profile: Profile, groups: Groups, find: FindGroups) -> bool:
    """Return whether a profile is in the segment; `find` returns the rules of a source segment by name."""
    results = (_in_group(profile, group, find) for group in groups.get("Groups", []))
    return _combine(results, groups.get("Include", "ALL"))


def check_groups(groups: Groups) -> str:
    """Return what is wrong with a segment's rules, or "". Raises UnsupportedSegmentError."""
    for group in groups.get("Groups", []):
        for dimension in group.get("Dimensions", []):
            if "CalculatedAttributes" in dimension:
                raise UnsupportedSegmentError("segments on CalculatedAttributes")
            for path, rule in _rules(dimension):
                problem = _problem_with(rule)
                if problem:
                    return f"{'.'.join(path)}: {problem}."
    return ""


def source_names(groups: Groups) -> list[str]:
    """Return the names of the segments the rules build on."""
    return [
        source["SegmentDefinitionName"]
        for group in groups.get("Groups", [])
        for source in group.get("SourceSegments", [])
    ]


def sorted_members(profiles: list[Profile], sort: dict[str, Any] | None) -> list[Profile]:
    """Return profiles in the order of a SegmentSort; profiles without the attribute come last."""
    for attribute in reversed((sort or {}).get("Attributes", [])):
        path, kind = tuple(attribute["Name"].split(".", 1)), attribute.get("DataType", "STRING")
        values = [(_parse(value_at(p, path) or "", kind), p) for p in profiles]
        there = [pair for pair in values if pair[0] is not None]
        there.sort(key=lambda pair: pair[0], reverse=attribute["Order"] == "DESC")
        profiles = [p for _, p in there] + [p for value, p in values if value is None]
    return profiles


def _in_group(profile: Profile, group: dict[str, Any], find: FindGroups) -> bool:
    sources = [s["SegmentDefinitionName"] for s in group.get("SourceSegments", [])]
    if sources:
        inside = (is_member(profile, find(name), find) for name in sources)
        if not _combine(inside, group.get("SourceType", "ALL")):
            return False
    dimensions = group.get("Dimensions", [])
    if not dimensions:
        return True
    results = (all(_holds(profile, path, rule) for path, rule in _rules(d)) for d in dimensions)
    return _combine(results, group.get("Type", "ALL"))


def _combine(results: Iterator[bool], how: str) -> bool:
    if how == "ALL":
        return all(results)
    return any(results) if how == "ANY" else not any(results)


def _rules(dimension: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Yield where on the profile each rule of a dimension looks, and the rule."""
    for name, rule in dimension.get("ProfileAttributes", {}).items():
        if name == "Attributes" or name in _ADDRESSES:
            for part, own in rule.items():
                yield (name, part), own
        else:
            yield (name,), rule


def _holds(profile: Profile, path: tuple[str, ...], rule: dict[str, Any]) -> bool:
    value, kind = value_at(profile, path), rule["DimensionType"]
    wanted = [_fill(text, profile) for text in rule["Values"]]
    if value is None:
        return kind in _TAKES_MISSING
    if kind in _TEXT:
        return _TEXT[kind](value, wanted)
    data_type = "NUMBER" if kind in _NUMBER else "DATE"
    parsed, others = _parse(value, data_type), [_parse(text, data_type) for text in wanted]
    if parsed is None or None in others:
        return False
    tests: dict[str, Any] = {**_NUMBER, **_DATE}
    return bool(tests[kind](parsed, others))


def _problem_with(rule: dict[str, Any]) -> str:
    kind, values = rule["DimensionType"], rule["Values"]
    if kind.startswith("LIST_"):
        raise UnsupportedSegmentError(f"segments with {kind}")
    if kind in ("BETWEEN", "NOT_BETWEEN") and len(values) != 2:
        return f"{kind} takes two values"
    if kind in _TEXT or any(_DYNAMIC.search(value) for value in values):
        return ""
    data_type = "NUMBER" if kind in _NUMBER else "DATE"
    if any(_parse(value, data_type) is None for value in values):
        return f"{kind} takes values of type {data_type}"
    return ""


def _fill(text: str, profile: Profile) -> str:
    """Replace `{{_profile.Name}}` by the profile's own value."""
    return _DYNAMIC.sub(lambda found: value_at(profile, tuple(found[1].split(".", 1))) or "", text)


def _parse(text: str, data_type: str) -> Any:
    try:
        if data_type == "NUMBER":
            return float(text)
        return date.fromisoformat(text[:10]) if data_type == "DATE" else text or None
    except ValueError:
        return None
