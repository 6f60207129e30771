"""Two recorded requests in one form, so that what differs is what a platform would see differ.

Transport headers are left out, secrets are masked, and ids that a stand-in gave out become `{id 1}`,
`{id 2}`, … by their first appearance: both sides get their own stand-in, with its own counter. Bodies are
read by their media type: JSON, forms and queries (with JSON inside), multipart with files as lines, plain
lines. gzip is undone by the stand-ins' server.
"""

import email
import email.policy
import fnmatch
import hashlib
import json
import re
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any
from urllib.parse import parse_qsl

ABSENT = "(absent)"
ANY = "*"
TRANSPORT = {"host", "connection", "keep-alive", "content-length", "transfer-encoding", "accept-encoding",
    "user-agent"}  # fmt: skip
_GIVEN = re.compile(r"(?<![0-9a-z])(?:crm)?77\d{4}(?![0-9a-z])")  # StandIn.new_id counts from 770,000


@dataclass(frozen=True)
class Sent:
    """One request; parts: `query.x`, `header.x`, `body.x.0.y` -> a JSON scalar, or an empty list or object."""

    method: str
    path: str
    parts: dict[str, Any]

    @property
    def name(self):
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Difference:
    """A part that is not the same on both sides. `request` as a part: the whole request is missing."""

    request: str
    part: str
    sdk: Any
    ours: Any


@dataclass(frozen=True)
class Pair:
    """Requests that mean the same under another path or with their parts elsewhere; compared all the same.

    sdk, ours  the names of both, as in fnmatch
    renamed    (beginning of the SDK's part, ours)
    unordered  beginning of parts whose order does not matter, after renaming
    """

    why: str
    sdk: str
    ours: str
    renamed: tuple[tuple[str, str], ...] = ()
    unordered: str = ""

    @property
    def name(self):
        return self.ours if self.sdk == self.ours else f"{self.sdk} = {self.ours}"

    def arrange(self, request, *, rename):
        parts = {self._new(name) if rename else name: told for name, told in request.parts.items()}
        names = [name for name in parts if self.unordered and name.startswith(self.unordered)]
        in_order = zip(names, sorted(parts[name] for name in names), strict=True)
        return replace(request, parts={**parts, **dict(in_order)})

    def _new(self, name):
        found = next((pair for pair in self.renamed if name.startswith(pair[0])), ("", ""))
        return found[1] + name[len(found[0]) :]


@dataclass(frozen=True)
class Allowed:
    """Differences with one reason. rows: (request, part, SDK's value, ours), all but values as in fnmatch.

    A value is what must be there, ABSENT, or ANY for something that differs by run.
    """

    why: str
    rows: tuple[tuple[str, str, Any, Any], ...]

    def covers(self, found):
        return any(_covers(row, found) for row in self.rows)


def _covers(row, found):
    request, part, sdk, ours = row
    return (
        fnmatch.fnmatchcase(found.request, request)
        and fnmatch.fnmatchcase(found.part, part)
        and _is(sdk, found.sdk)
        and _is(ours, found.ours)
    )


def _is(expected, value):
    return value != ABSENT if expected == ANY else same(expected, value)


def same(one, other):
    """Compare with their types: 1, "1" and true are three things on the wire."""
    return json.dumps(one) == json.dumps(other)


def canonical(requests, secrets):
    """Return the recorded requests (local.platforms.wire.Request) as Sent, in order."""
    names = _Names(secrets)
    return [
        Sent(
            one.method,
            names.replace(one.path.rstrip("/")),
            dict(_flat("query", {name: _inner(text) for name, text in one.query.items()}, names))
            | dict(_flat("header", _headers(one), names))
            | dict(_flat("body", _body(one, names), names)),
        )
        for one in requests
    ]


class _Names:
    """Replaces ids, files' digests and secrets by what they stand for."""

    def __init__(self, secrets):
        self._secrets, self._ids, self._files = sorted(secrets, key=len, reverse=True), {}, {}

    def add_file(self, content):
        self._files.setdefault(hashlib.md5(content).hexdigest(), f"{{MD5 of file {len(self._files) + 1}}}")

    def replace(self, value):
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            return value
        text = str(value)
        for secret in self._secrets:
            text = text.replace(secret, "(secret)")
        for digest, name in self._files.items():
            text = text.replace(digest, name)
        text = _GIVEN.sub(self._id, text)
        return value if text == str(value) else text if isinstance(value, str) else f"{text} as a number"

    def _id(self, found):
        return self._ids.setdefault(found[0], f"{{id {len(self._ids) + 1}}}")


def _headers(request):
    kept = {name: value for name, value in request.headers.items() if name not in TRANSPORT}
    if "content-type" in kept:
        parameters = [one.strip() for one in kept["content-type"].split(";")]
        kept["content-type"] = "; ".join(one for one in parameters if not one.startswith("boundary="))
    return kept


def _body(request, names):
    kind, body = request.media_type, request.body
    if not body:
        return {}
    if kind == "application/json" or kind.endswith("+json"):
        return json.loads(body)
    if kind == "application/x-www-form-urlencoded":
        fields = parse_qsl(body.decode(), keep_blank_values=True)
        return {name: _inner(text) for name, text in fields}
    if kind == "multipart/form-data":
        return _multipart(request, names)
    if kind in ("text/plain", "text/csv"):
        return {"lines": body.decode().splitlines()}
    raise AssertionError(f"{request.method} {request.path}: nothing here reads {kind or 'no content type'}")


def _inner(text):
    """Return JSON inside a form or a query as what it holds."""
    return json.loads(text) if text[:1] in ("{", "[") else text


def _multipart(request, names):
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    fields = {}
    for part in email.message_from_bytes(head + request.body, policy=email.policy.HTTP).iter_parts():
        name, content = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        if part.get_filename() is None:
            fields[name] = content.decode()
        else:
            names.add_file(content)
            lines = content.decode().splitlines()
            fields[name] = {"filename": part.get_filename(), "type": part.get_content_type(), "lines": lines}
    return fields


def _flat(name, value, names):
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if isinstance(value, (dict, list)) and (value or "." in name):
        if not value:
            yield name, value
        for key, item in items:
            yield from _flat(f"{name}.{key}", item, names)
    elif not isinstance(value, (dict, list)):
        yield name, names.replace(value)


def compare(theirs, ours, pairs=()):
    """Return the differences. Requests of one name are compared in their order, those of a pair as one name.

    A request sent again unchanged, as when polling, counts once.
    """
    return [
        found
        for name, sides in _grouped(theirs, ours, pairs).items()
        for sdk, our in zip_longest(*sides)
        for found in _differences(name, sdk, our)
    ]


def shared(theirs, ours, pairs=()):
    """Return the names of the requests that both sides sent."""
    return {name for name, sides in _grouped(theirs, ours, pairs).items() if all(sides)}


def _grouped(theirs, ours, pairs):
    groups = {}
    for side, requests in enumerate((theirs, ours)):
        for one in _distinct(requests):
            pair = _pair_of(one, side, pairs)
            sent = pair.arrange(one, rename=side == 0) if pair else one
            groups.setdefault(pair.name if pair else one.name, ([], []))[side].append(sent)
    return groups


def _pair_of(request, side, pairs):
    fitting = (pair for pair in pairs if fnmatch.fnmatchcase(request.name, (pair.sdk, pair.ours)[side]))
    return next(fitting, None)


def our_name(request, pairs):
    """Return the name under which a request of ours is compared."""
    pair = _pair_of(request, 1, pairs)
    return pair.name if pair else request.name


def _distinct(requests):
    return [one for at, one in enumerate(requests) if one not in requests[:at]]


def _differences(name, sdk, our):
    if sdk is None or our is None:
        yield Difference(
            name, "request", ABSENT if sdk is None else "sent", ABSENT if our is None else "sent"
        )
        return
    for part in sorted({*sdk.parts, *our.parts}):
        values = sdk.parts.get(part, ABSENT), our.parts.get(part, ABSENT)
        if not same(*values):
            yield Difference(name, part, *values)
