"""Checks activations before anything happens: all problems at once, each with its line and column."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from audiences.activations.model import Activation
from audiences.activations.schema import check, load_schema
from audiences.delivery.uploader import uploaders
from audiences.errors import SetupError
from audiences.identity.batch import default_country
from audiences.platforms import find
from audiences.preparation.keys import look_alike, unfit
from audiences.preparation.regions import read_rule
from audiences.preparation.shape import find_shape
from audiences.training.problems import Problem
from audiences.training.source_map import dotted, locate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from audiences.platforms import Platform
    from audiences.preparation.shape import Shape
    from audiences.training.source_map import Path

    Found = Iterator[tuple[Path, str]]


def check_activation(content: bytes, file: str, name: str) -> tuple[Activation | None, list[Problem]]:
    """Return the activation, or None and all that is wrong with it. `file` is what messages call it."""
    try:
        text = content.decode("utf-8-sig")
        value = json.loads(text)
    except UnicodeDecodeError:
        return None, [Problem(file, 0, 0, "", "is not UTF-8")]
    except json.JSONDecodeError as error:
        return None, [Problem(file, error.lineno, error.colno, "", f"is not JSON: {error.msg}")]
    source = locate(text)
    found = [(path, "is there twice") for path in source.duplicates]
    found += check(load_schema(), value)
    if not found:
        found += _check_meaning(value)
    problems = [Problem(file, *source.position(path), dotted(path), message) for path, message in found]
    return (None if problems else Activation.from_json(name, value)), sorted(problems)


def _check_meaning(value: dict[str, Any]) -> Found:
    """Yield what the schema cannot know: platforms, their fields and modes, countries."""
    for number, slug in enumerate(value["platforms"]):
        try:
            platform, shape = find(slug), find_shape(slug)
        except SetupError as error:
            yield ("platforms", number), str(error)
            continue
        if slug not in uploaders():
            files = f"make files to upload there yourself with: audiences prepare --platform {slug}"
            yield ("platforms", number), f"nothing delivers to {platform.title} yet. Take it out, and {files}"
        if shape.whole and value.get("mode") == "remove":
            yield (
                ("mode",),
                f"{platform.title} takes whole audiences: use mirror, with a segment without these people",
            )
        yield from _check_fields(value.get("identifiers", []), platform, shape)
    if wrong := unfit(value["audience"]):
        yield ("audience",), wrong
    yield from _check_destinations(value)
    yield from _check_regions(value)


def _check_destinations(value: dict[str, Any]) -> Found:
    """Yield settings that nobody reads: people would go to another account than is meant, without a word."""
    for slug, settings in value.get("destinations", {}).items():
        if slug not in value["platforms"]:
            yield ("destinations", slug), "is not one of the platforms above"
            continue
        if slug not in uploaders():
            continue  # told already
        yield from _check_memory(slug, settings)
        known, private = uploaders()[slug].settings, find_shape(slug).privacy
        for name in settings:
            if name in private:
                yield ("destinations", slug, name), "belongs under privacy"
            elif name not in known:
                there = f"it takes {', '.join(known)}" if known else "it takes no settings"
                yield ("destinations", slug, name), f"{find(slug).title} does not take it; {there}"


def _check_regions(value: dict[str, Any]) -> Found:
    """Yield words that name no region or country."""
    yield from _check_privacy(value)
    for place, word in enumerate(value.get("consent", {}).get("required_in", ())):
        try:
            read_rule((word,))
        except SetupError as error:
            yield ("consent", "required_in", place), f"is no region. {error.fix}"
    try:
        default_country(value.get("country"))
    except SetupError:
        yield ("country",), "is no country: give its ISO 3166 code"


def _check_privacy(value: dict[str, Any]) -> Found:
    """Yield what no platform would be told: how people's data may be used must not be lost on the way."""
    for slug, settings in value.get("privacy", {}).items():
        if slug not in value["platforms"]:
            yield ("privacy", slug), "is not one of the platforms above"
            continue
        try:
            known = find_shape(slug).privacy
        except SetupError:
            continue  # told already
        for name, word in settings.items():
            if name not in known:
                there = f"it takes {', '.join(known)}" if known else "its audience API takes no such setting"
                yield ("privacy", slug, name), f"{find(slug).title} does not take it; {there}"
            elif word not in known[name]:
                yield ("privacy", slug, name), f"must be one of {', '.join(known[name])}"


def _check_memory(slug: str, settings: dict[str, str]) -> Found:
    """Yield a setting of how long people stay that is no number: nobody would be sent again in time."""
    memory = find_shape(slug).memory
    if memory is not None:
        try:
            memory.days_for(settings)
        except SetupError:
            yield ("destinations", slug, memory.setting), "is no number"


def _check_fields(fields: list[str], platform: Platform, shape: Shape) -> Found:
    """Yield what is wrong with the identifiers for one platform."""
    for place, name in enumerate(fields):
        if name not in shape.names or name not in platform.identifiers:
            yield (
                ("identifiers", place),
                f"{platform.title} does not take it; it takes {', '.join(shape.names)}",
            )
            continue
        lacking = [need for need in platform.identifiers[name].required_with if need not in fields]
        if lacking:
            yield (
                ("identifiers", place),
                f"{platform.title} matches it only together with {', '.join(lacking)}",
            )
    if fields and not set(fields) & set(shape.keys):
        keys = ", ".join(name for name in shape.keys if name in shape.names)
        yield ("identifiers",), f"{platform.title} needs one of {keys}"


def check_together(activations: Iterable[tuple[str, Activation]]) -> list[Problem]:
    """Return the problems of `(file, activation)` pairs that only show side by side."""
    seen: dict[tuple[str, str], tuple[str, Activation]] = {}
    problems = []
    for file, activation in activations:
        for platform in activation.platforms if activation.enabled else ():
            key = (platform, look_alike(activation.audience))
            other_file, other = seen.setdefault(key, (file, activation))
            if other is activation:
                continue
            message = _clash(platform, activation, other, other_file)
            if message:
                problems.append(Problem(file, 0, 0, "audience", message))
    return problems


def _clash(platform: str, activation: Activation, other: Activation, other_file: str) -> str:
    """Return why two activations cannot both feed an audience on a platform, "" when they can."""
    if other.audience != activation.audience:
        return (
            f"is {other.audience!r} of {other_file} but for capitals, blanks or the form of letters, "
            "and platforms may take both for one: choose another name"
        )
    if "mirror" in (other.mode, activation.mode):
        return f"is mirrored and also changed by {other_file}: each would undo the other"
    setting = uploaders()[platform].account
    accounts = {one.destinations.get(platform, {}).get(setting, "") for one in (activation, other)} - {""}
    if len(accounts) > 1:
        return f"goes to another {setting} than in {other_file}, and has one ledger: choose another name"
    return ""
