"""What every ad platform's stand-in shares: routes, audiences, jobs, trouble on demand, a request log."""

from __future__ import annotations

import gc
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeVar

from local.platforms.digests import Key, show
from local.platforms.trouble import COMMON, Trouble, Troubles
from local.platforms.wire import ConnectionCut, Refusal, Request, Response, answer

Handler = TypeVar("Handler", bound=Callable[..., Response])
Row = TypeVar("Row")
Clock = Callable[[], float]
MATCHED_OF_TEN = 6  # people a platform recognises; real rates lie between 3 and 8 of ten


@dataclass
class Audience:
    """What a platform holds: `members` maps an identifier to the second it was last sent."""

    id: str
    name: str
    owner: str
    created: float
    members: dict[Key, float] = field(default_factory=dict)
    info: dict[str, Any] = field(default_factory=dict)

    @property
    def matched(self) -> int:
        """How many the platform recognised, as against how many it accepted."""
        return len(self.members) * MATCHED_OF_TEN // 10

    def remove(self, keys: Iterable[Key]) -> None:
        """Take identifiers out; unknown ones do not matter."""
        for key in keys:
            self.members.pop(key, None)


@dataclass
class Job:
    """Work the platform does later: finished after `polls` reads."""

    id: str
    outcome: Literal["success", "partial", "failed", "stuck"]
    polls: int
    refused_rows: int = 0
    info: dict[str, Any] = field(default_factory=dict)

    def is_finished(self) -> bool:
        """Count one read and tell whether the work is done."""
        if self.polls > 0:
            self.polls -= 1
            return False
        return self.outcome != "stuck"

    def apply(self, rows: list[Row]) -> list[Row]:
        """Return the rows that take effect."""
        return [] if self.outcome in {"failed", "stuck"} else rows[self.refused_rows :]


@dataclass(frozen=True)
class Route:
    """One operation: its method, the pattern of its path and whether it asks for a token."""

    method: str
    path: re.Pattern[str]
    function: str
    is_open: bool


def route(method: str, path: str, *, is_open: bool = False) -> Callable[[Handler], Handler]:
    """Serve `method path` with the decorated method; `{name}` in the path becomes its argument."""
    pattern = re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)))

    def mark(function: Handler) -> Handler:
        made = Route(method, pattern, function.__name__, is_open)
        function.__dict__.setdefault("routes", []).append(made)
        return function

    return mark


class StandIn:
    """One platform: subclasses mark methods with `route` and answer refusals in the platform's own form."""

    slug: ClassVar[str]
    title: ClassVar[str]
    scenarios: ClassVar[frozenset[str]] = COMMON
    polls: ClassVar[int] = 1  #: reads a job needs before it is finished
    max_body_bytes: ClassVar[int] = 0  #: 0 = the platform states no number

    _routes: ClassVar[tuple[Route, ...]] = ()

    def __init_subclass__(cls) -> None:
        """Collect the routes of a platform once."""
        functions = (item for parent in reversed(cls.__mro__) for item in vars(parent).values())
        cls._routes = tuple(made for function in functions for made in getattr(function, "routes", ()))

    def __init__(self, clock: Clock = time.time) -> None:
        """Start empty; `clock` gives seconds since the epoch."""
        self.clock = clock
        self.lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Forget audiences, tokens, troubles and the request log."""
        with self.lock:
            self.audiences: dict[str, Audience] = {}
            self.jobs: dict[str, Job] = {}
            self.troubles = Troubles(self.scenarios, self.slug)
            self.requests: deque[dict[str, Any]] = deque(maxlen=10_000)
            self._seen: set[int] = set()
            self._last_id = 770_000
            self.current = Request("GET", "/")

    def problem(self, refusal: Refusal) -> Response:
        """Return the platform's own error answer."""
        raise NotImplementedError

    def authorize(self, request: Request) -> None:
        """Raise Refusal unless the request carries a valid token and the headers the platform asks for."""
        raise NotImplementedError

    def revoke_tokens(self) -> None:
        """End every access token: a static one is refused once, an OAuth one until it is refreshed."""
        raise Refusal("expired", "The access token has expired.")

    def handle(self, request: Request) -> Response:
        """Answer one request as the platform would; ConnectionCut when the caller gets no answer."""
        with self.lock, _no_collection():
            self.current = request
            entry = self._log(request)
            try:
                response = self._dispatch(request)
            except Refusal as refusal:
                response = self.problem(refusal)
            entry["status"] = response.status
            if self.troubles.take("cut", request):
                entry["status"] = 0
                raise ConnectionCut
            return response

    def _dispatch(self, request: Request) -> Response:
        found = self._find(request)
        if self.troubles.take("cut_before", request):
            self.requests[-1]["status"] = 0
            raise ConnectionCut
        if found is None:
            return answer(404, {"message": f"There is no {request.method} {request.path}."})
        operation, arguments = found
        if not operation.is_open:
            self._misbehave(request)
            self.authorize(request)
        if self.max_body_bytes and len(request.body) > self.max_body_bytes:
            raise Refusal("too_large", f"The request is larger than {self.max_body_bytes} bytes.")
        answered: Response = getattr(self, operation.function)(request, **arguments)
        return answered

    def _find(self, request: Request) -> tuple[Route, dict[str, str]] | None:
        path = request.path.rstrip("/") or "/"
        for operation in self._routes:
            found = operation.path.fullmatch(path)
            if found and operation.method == request.method:
                return operation, found.groupdict()
        return None

    def _misbehave(self, request: Request) -> None:
        limited = self.troubles.take("rate_limited", request)
        if limited:
            raise Refusal("rate_limited", "Too many requests.", retry_after=limited.retry_after)
        for kind, scenario, message in (
            ("rate_limited", "rate_limited_bare", "Too many requests."),
            ("server_error", "server_error", "An internal error occurred."),
            ("sunset", "sunset", "This version of the API has been switched off."),
            ("forbidden", "forbidden", "The caller does not have permission."),
        ):
            if self.troubles.take(scenario, request):
                raise Refusal(kind, message)
        if self.troubles.take("token_expired", request):
            self.revoke_tokens()

    def _log(self, request: Request) -> dict[str, Any]:
        mark = hash((request.method, request.path, tuple(request.query.items()), request.body))
        entry = {
            "at": self.clock(),
            "method": request.method,
            "path": request.path,
            "bytes": len(request.body),
            "header_names": sorted(request.headers),
            "query_names": sorted(request.query),
            "repeat": mark in self._seen,
            "status": 0,
        }
        self._seen.add(mark)
        self.requests.append(entry)
        return entry

    def misbehave(self, scenario: str, times: int = 1, **options: Any) -> None:
        """Let something go wrong: see trouble.SCENARIOS and trouble.Trouble for names and options."""
        with self.lock:
            self.troubles.add(Trouble(scenario, times, **options))

    def trouble(self, scenario: str) -> Trouble | None:
        """Return the trouble of that name that the request being answered meets."""
        return self.troubles.take(scenario, self.current) if scenario in self.scenarios else None

    def new_id(self) -> str:
        """Return a number nobody has yet, as text."""
        self._last_id += 1
        return str(self._last_id)

    def add_audience(self, name: str, owner: str, *, audience_id: str = "", **info: Any) -> Audience:
        """Keep a new audience."""
        made = Audience(audience_id or self.new_id(), name, owner, self.clock(), info=info)
        self.audiences[made.id] = made
        return made

    def audience(self, audience_id: Any) -> Audience:
        """Return an audience; Refusal when there is none."""
        found = self.audiences.get(str(audience_id))
        if found is None:
            raise Refusal("not_found", f"There is no audience {audience_id}.")
        return found

    def add_job(self, **info: Any) -> Job:
        """Start work that finishes as the troubles waiting for it say."""
        outcome: Literal["success", "partial", "failed", "stuck"] = "success"
        refused, polls = 0, self.polls
        if slow := self.trouble("async_slow"):
            polls = slow.polls
        if partial := self.trouble("async_partial"):
            outcome, refused = "partial", partial.rows
        elif self.trouble("async_failed"):
            outcome = "failed"
        elif self.trouble("async_stuck"):
            outcome = "stuck"
        job = Job(self.new_id(), outcome, polls, refused, info)
        self.jobs[job.id] = job
        return job

    def job(self, job_id: Any) -> Job:
        """Return a job; Refusal when there is none."""
        found = self.jobs.get(str(job_id))
        if found is None:
            raise Refusal("not_found", f"There is no job {job_id}.")
        return found

    def memory_seconds(self, audience: Audience) -> float:
        """Return how long a member is held who is not sent again: for good, unless the platform says else."""
        del audience
        return float("inf")

    def forget_old(self, audience: Audience) -> None:
        """Let go of members whose time is up."""
        since = self.clock() - self.memory_seconds(audience)
        if since > 0:
            for key in [key for key, at in audience.members.items() if at <= since]:
                del audience.members[key]

    def send(self, audience: Audience, keys: Iterable[Key]) -> None:
        """Add identifiers to an audience, or renew them."""
        audience.members.update(dict.fromkeys(keys, self.clock()))

    def show(self, key: Key) -> str:
        """Return a member as `/_admin/members` lists it: the digest as the platform takes it."""
        return show(key)

    def members(self, audience_id: str) -> list[str]:
        """Return an audience's members, sorted; KeyError when there is no such audience."""
        with self.lock:
            self.forget_old(self.audiences[audience_id])
            return sorted(map(self.show, self.audiences[audience_id].members))

    def list_audiences(self) -> Iterator[dict[str, Any]]:
        """Tell id, name, owner and number of members of each audience."""
        for one in self.audiences.values():
            self.forget_old(one)
            yield {"id": one.id, "name": one.name, "owner": one.owner, "members": len(one.members)}


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the garbage collector away from a big body: it would take half the time and find nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def need(body: dict[str, Any], *names: str) -> None:
    """Refuse a body that lacks one of these, or has it empty."""
    for name in names:
        if body.get(name) in (None, "", [], {}):
            raise Refusal("bad_request", f"{name} is required.", field=name)


def check_rows(rows: Any, most: int, name: str) -> list[Any]:
    """Return a list of 1 to `most` rows; Refusal otherwise."""
    if not isinstance(rows, list) or not rows:
        raise Refusal("bad_request", f"{name} must be a list with at least one entry.", field=name)
    if len(rows) > most:
        raise Refusal("too_many_rows", f"{name} holds {len(rows)} entries, {most} are allowed.", field=name)
    return rows
