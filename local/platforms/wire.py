"""Requests and answers as plain values: a stand-in is called the same way by a socket and by a test."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping


class ConnectionCut(Exception):  # noqa: N818  # not an error of the program: the wire is cut on purpose
    """The caller gets no answer; whether the request was carried out is the scenario's matter."""


class Refusal(Exception):  # noqa: N818  # becomes the platform's own error answer
    """A request the platform turns down.

    kind     what went wrong, in words every stand-in has an answer for (`bad_request`, `expired`, …)
    message  one sentence without personal data
    field    where in the request, in the platform's way of pointing
    extra    what a platform adds to its answer (`retry_after` in seconds, a reason code)
    """

    def __init__(self, kind: str, message: str, *, field: str = "", **extra: Any) -> None:
        """Keep the parts of the answer."""
        super().__init__(message)
        self.kind, self.message, self.field, self.extra = kind, message, field, extra


@dataclass(frozen=True)
class Request:
    """One request; header names are lower-case, `base` is the address the platform is served under."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base: str = "http://stand-in.invalid"

    @classmethod
    def make(
        cls,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | str | Any = b"",
        base: str = "http://stand-in.invalid",
    ) -> Request:
        """Build a request from its target (`/path?query`); a body of neither bytes nor text becomes JSON."""
        parts = urlsplit(target)
        names = {name.lower(): value for name, value in (headers or {}).items()}
        if isinstance(body, str):
            body = body.encode()
        elif not isinstance(body, bytes):
            body = json.dumps(body).encode()
            names.setdefault("content-type", "application/json")
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        return cls(method, unquote(parts.path), query, names, body, base)

    @property
    def media_type(self) -> str:
        """The content type without its parameters."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()

    def json(self) -> Any:
        """Return the body read as JSON; Refusal when it is none."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise Refusal("bad_request", f"The body is not JSON: {type(error).__name__}.") from None

    def json_object(self) -> dict[str, Any]:
        """Return the body read as a JSON object; Refusal when it is something else."""
        value = self.json()
        if not isinstance(value, dict):
            raise Refusal("bad_request", "The body must be a JSON object.")
        return value

    def form(self) -> dict[str, str]:
        """Return the fields of a url-encoded body."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def basic_credentials(self) -> tuple[str, str]:
        """Return user and password of a Basic Authorization header, empty when there is none."""
        kind, _, value = self.headers.get("authorization", "").partition(" ")
        if kind.lower() != "basic":
            return "", ""
        user, _, password = base64.b64decode(value).decode().partition(":")
        return user, password


@dataclass(frozen=True)
class Response:
    """One answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        """Return the body read as JSON."""
        return json.loads(self.body)


def answer(status: int, body: Any = None, **headers: str) -> Response:
    """Return a JSON answer; header names are written with `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is None:
        return Response(status, b"", named)
    return Response(status, json.dumps(body).encode(), {"Content-Type": "application/json", **named})


_DISPOSITION = re.compile(rb'content-disposition:[^\r\n]*?\bname="([^"]*)"', re.IGNORECASE)


def read_multipart(request: Request) -> dict[str, bytes]:
    """Return the parts of a multipart/form-data body by name; Refusal when it has no such form (RFC 7578)."""
    found = re.search(r'boundary="?([^";]+)', request.headers.get("content-type", ""))
    if request.media_type != "multipart/form-data" or not found:
        raise Refusal("bad_request", "Content-Type must be multipart/form-data with a boundary.")
    parts: dict[str, bytes] = {}
    for piece in (b"\r\n" + request.body).split(b"\r\n--" + found[1].encode())[1:]:
        head, blank, value = piece.partition(b"\r\n\r\n")
        name = _DISPOSITION.search(head)
        if blank and name:
            parts[name[1].decode()] = value
    return parts
