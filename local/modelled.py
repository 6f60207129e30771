"""Stand-ins that speak AWS's wire format: botocore's models parse and check requests, and write answers.

A stand-in subclasses `ModelledService` and has one method per operation, named in snake_case
(`create_schema` for CreateSchema), which takes the parsed request and returns the answer as botocore would
show it. An operation without a method answers "not implemented here: X".
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import threading
from functools import cached_property
from typing import Any, cast
from urllib.parse import unquote

import botocore.loaders
import regex
from botocore import xform_name
from botocore.model import OperationModel, Shape
from botocore.validate import ParamValidator
from moto.core.model import ServiceModel
from moto.core.parse import PROTOCOL_PARSERS, UNDEFINED, RequestDict
from moto.core.serialize import get_serializer_class
from werkzeug.datastructures import Headers, MultiDict

from local.cloud import Cloud

log = logging.getLogger("local")
Response = tuple[int, dict[str, str], bytes]


class ServiceError(Exception):
    """An error AWS would answer with: its code (`ResourceNotFoundException`), message and HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        """Keep the parts of the answer."""
        super().__init__(message)
        self.code, self.message, self.status = code, message, status

    def as_response(self) -> Response:
        """Return the answer, readable by both JSON protocols."""
        body = {"__type": self.code, "message": self.message, "Message": self.message}
        headers = {"Content-Type": "application/json", "x-amzn-ErrorType": self.code}
        return self.status, headers, json.dumps(body).encode()


class ModelledService:
    """One AWS service, as far as its methods go; the rest says so."""

    service = ""  #: botocore's service name, e.g. `customer-profiles`
    passed_to = ""  #: the service that roles in requests are passed to (`iam:PassedToService`)
    validation_error = "ValidationException"  #: what the service calls a request that breaks its model

    def __init__(self, cloud: Cloud) -> None:
        """Start empty in the given cloud."""
        self.cloud = cloud
        self.lock = threading.RLock()  # operations and background work change state under it
        self.reset()

    def reset(self) -> None:
        """Forget everything. Called at start and by the emulator's reset."""
        raise NotImplementedError

    def iam_resources(self, operation: str, request: dict[str, Any]) -> list[str]:
        """Return the ARNs IAM is asked about for this request. Default: `*`."""
        del operation, request
        return ["*"]

    @cached_property
    def model(self) -> ServiceModel:
        """The service's model as botocore ships it."""
        description = botocore.loaders.create_loader().load_service_model(self.service, "service-2")
        return ServiceModel(description, self.service)

    @property
    def signing_name(self) -> str:
        """The name requests are signed with, and IAM's namespace for nearly every service."""
        return str(self.model.signing_name)

    @cached_property
    def _routes(self) -> list[tuple[str, re.Pattern[str], str]]:
        routes = []
        for name in self.model.operation_names:
            http = self.model.operation_model(name).http
            path = http["requestUri"].split("?", maxsplit=1)[0].rstrip("/") or "/"
            parts = re.split(r"\{([^}]+)\}", path)
            pattern = "".join(
                re.escape(part) if i % 2 == 0 else _placeholder(part) for i, part in enumerate(parts)
            )
            routes.append((http["method"], re.compile(pattern + "/?"), name))
        # A fixed path wins over one with a placeholder in the same place.
        return sorted(routes, key=lambda route: route[1].pattern.count("(?P<"))

    def operations(self) -> dict[str, bool]:
        """Return every operation of the service and whether this stand-in has it (the coverage list)."""
        return {name: hasattr(self, xform_name(name)) for name in sorted(self.model.operation_names)}

    def match(self, method: str, path: str, headers: dict[str, str]) -> tuple[str, dict[str, str]] | None:
        """Return the operation a request asks for and its path parameters, or None."""
        if self.model.protocol == "json":
            name = headers.get("x-amz-target", "").rpartition(".")[2]
            return (name, {}) if name in self.model.operation_names else None
        for verb, pattern, name in self._routes:
            if verb == method and (found := pattern.fullmatch(path)):
                return name, {_unescape(key): unquote(value) for key, value in found.groupdict().items()}
        return None

    def parse(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> tuple[OperationModel, dict[str, Any]]:
        """Return the operation's model and its request, parsed and checked. Raises ServiceError."""
        matched = self.match(method, path, headers)
        if matched is None:
            raise ServiceError(
                "UnknownOperationException", f"No operation of {self.service} at {method} {path}.", 404
            )
        name, url_params = matched
        operation = self.model.operation_model(name)
        values = MultiDict(
            [(k, v) for k, vs in query.items() for v in (vs if isinstance(vs, list) else [vs])]
        )
        raw = {
            "body": body,
            "headers": Headers(list(headers.items())),
            "method": method,
            "url_params": url_params,
            "url_path": path,
            "values": values,
        }
        try:
            request = PROTOCOL_PARSERS[self.model.protocol](operation).parse(cast(RequestDict, raw)) or {}
        except (ValueError, TypeError, AttributeError) as error:
            raise ServiceError("SerializationException", f"The request cannot be read: {error}") from error
        request = {k: v for k, v in request.items() if v is not None and v is not UNDEFINED}
        if operation.input_shape is not None:
            problems = check(request, operation.input_shape)
            if problems:
                raise ServiceError(self.validation_error, "; ".join(problems))
        return operation, request

    async def handle_request(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Response:
        """Serve one request: the hook MiniStack calls."""
        return await asyncio.to_thread(self._serve, method, path, headers, body, query)

    def _serve(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Response:
        try:
            operation, request = self.parse(method, path, headers, body, query)
            perform = getattr(self, xform_name(operation.name), None)
            if perform is None:
                raise ServiceError(
                    "NotImplementedException", f"not implemented here: {self.service} {operation.name}", 501
                )
            with self.lock:
                answer = perform(request)
            return self._answer(operation, answer or {})
        except ServiceError as error:
            return error.as_response()

    def _answer(self, operation: OperationModel, answer: dict[str, Any]) -> Response:
        serializer = get_serializer_class(self.service, self.model.protocol)(operation)
        written = serializer.serialize(answer)
        body = written["body"]
        return (
            int(written["status_code"]),
            {str(k): str(v) for k, v in written["headers"].items()},
            body if isinstance(body, bytes) else str(body).encode(),
        )


def _placeholder(name: str) -> str:
    greedy = name.endswith("+")
    return f"(?P<{_escape(name.rstrip('+'))}>{'.+' if greedy else '[^/]+'})"


def _escape(name: str) -> str:
    return name.replace("-", "__dash__")


def _unescape(name: str) -> str:
    return name.replace("__dash__", "-")


def check(request: dict[str, Any], shape: Shape) -> list[str]:
    """Return what AWS would refuse in a request: botocore's rules, lengths, ranges, patterns, enums."""
    report = ParamValidator().validate(request, shape)
    if report.has_errors():
        return [line.strip() for line in report.generate_report().splitlines()]
    return list(_limits(request, shape, ""))


def _limits(value: Any, shape: Shape, path: str) -> list[str]:
    problems = _own_limits(value, shape, path)
    if shape.type_name == "structure" and isinstance(value, dict):
        for name, member in shape.members.items():
            if value.get(name) is not None:
                problems += _limits(value[name], member, f"{path}.{name}".lstrip("."))
    elif shape.type_name == "list":
        for i, item in enumerate(value):
            problems += _limits(item, shape.member, f"{path}[{i}]")
    elif shape.type_name == "map":
        for key, item in value.items():
            problems += _limits(key, shape.key, f"{path}.{key}")
            problems += _limits(item, shape.value, f"{path}.{key}")
    return problems


def _own_limits(value: Any, shape: Shape, path: str) -> list[str]:
    limits = shape.metadata
    problems = []
    size = value if shape.type_name in ("integer", "long", "float", "double") else None
    if size is None and isinstance(value, (str, bytes, list, dict)):
        size = len(value)
    if isinstance(size, (int, float)):
        if "max" in limits and size > limits["max"]:
            problems.append(f"Value at '{path}' must be at most {limits['max']}")
        if "min" in limits and size < limits["min"]:
            problems.append(f"Value at '{path}' must be at least {limits['min']}")
    if shape.type_name == "string" and isinstance(value, str):
        if limits.get("enum") and value not in limits["enum"]:
            problems.append(f"Value at '{path}' must be one of [{', '.join(limits['enum'])}]")
        pattern = limits.get("pattern")
        # AWS writes patterns for Java, with \\p{…}; `regex` reads them, `re` does not.
        if pattern and not regex.search(f"^(?:{pattern})$", value):
            problems.append(f"Value at '{path}' must satisfy the pattern {pattern}")
    return problems
