"""What the clients of all HTTP platforms share: credentials, errors by what they ask of whom, settings."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from audiences.delivery.jobs import JobGoneError
from audiences.delivery.told import Told
from audiences.delivery.waits import read_wait
from audiences.errors import AudienceError, DataError, RetryLater, SetupError
from audiences.redact import their_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from audiences.delivery.auth import Auth
    from audiences.delivery.client import Answer, Http, Secret
    from audiences.delivery.model import Audience, Batch, BatchResult

_LATER = frozenset({408, 409, 423, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})
_JSON = "application/json"
_UNKNOWN = 404


class ApiClient:
    """Base of a platform's client.

    Subclasses set `title` and `auth`, and override `problem` and `is_expired`.
    """

    title = "The platform"
    lists_audiences = True
    auth: Auth

    def __init__(
        self,
        http: Http,
        secret: Secret,
        destination: Mapping[str, str],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Talk through `http` with `secret`, for the account that `destination` or the secret names."""
        self.http, self.secret, self.destination, self.clock = http, secret, destination, clock

    def setting(self, name: str, default: str | None = None) -> str:
        """Return a setting of the activation's destination, else of the secret.

        SetupError when nobody set it.
        """
        value = self.destination.get(name) or self.secret.get(name) or default
        if value is None:
            raise SetupError(
                f"{self.title} needs {name}.",
                "Neither the activation's destinations nor the secret has it.",
                f"Put {name} into the secret, see docs/how-to/rotate-a-secret.md.",
            )
        return value

    def whole_number(self, name: str, default: int) -> int:
        """Return a setting that is a number. SetupError for another, without it: credentials stand beside it."""
        text = self.setting(name, str(default))
        try:
            return int(text)
        except ValueError:
            raise SetupError(
                f"{name} is no whole number.",
                f"{self.title} is told it as one.",
                f"Correct {name} in the activation's destinations, or in the secret.",
            ) from None

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        data: Any = None,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        job: bool = False,
    ) -> Answer:
        """Send with credentials, once more after renewing them, and raise what the answer means.

        data: sent as JSON; body: sent as it is, JSON unless `headers` say otherwise. job: it is about a job,
        and JobGoneError when the platform knows none.
        """
        url = f"{path}?{urlencode(query)}" if query else path
        if data is not None:
            body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
        own = {"Accept": _JSON, **({"Content-Type": _JSON} if body else {}), **(headers or {})}
        used = self.auth.headers()
        answer = self.http.send(method, url, headers={**own, **used}, body=body)
        if self.is_expired(answer):
            self.auth.renew(used)
            answer = self.http.send(method, url, headers={**own, **self.auth.headers()}, body=body)
        problem = self.problem(answer)
        if problem is not None and job and answer.status == _UNKNOWN:
            raise JobGoneError(problem.what, problem.why, problem.fix)
        if problem is not None:
            raise problem
        return answer

    def ask(self, method: str, path: str, **options: Any) -> Told:
        """Send as `request` does; return the object answered, RetryLater when there is none."""
        return self.read(self.request(method, path, **options))

    def read(self, answer: Answer) -> Told:
        """Return what a 2xx answer says; RetryLater for no object, and for one that says it failed."""
        told = Told(answer.json, self.title)
        if told.fields.get("success") not in (None, True):
            raise told.doubt("success is not true")
        return told

    def other(self, following: str, page: str | None) -> str:
        """Return the token of the next page; RetryLater when it is the page that was just read."""
        if following == page:
            raise Told({}, self.title).doubt("its next page is the same page again")
        return following

    def is_expired(self, answer: Answer) -> bool:
        """Tell whether the answer asks for other credentials."""
        return answer.status == 401

    def problem(self, answer: Answer) -> AudienceError | None:
        """Return what a status means when the body has no better word; None for 2xx."""
        status = answer.status
        if 200 <= status < 300:
            return None
        if status in _LATER:
            return self.busy(answer)
        if status in (401, 403, 407):
            return SetupError(
                f"{self.title} does not allow this ({status}).",
                self.told(answer),
                f"Check credentials, permissions and the account: platforms/{self.slug}/README.md.",
            )
        if status == 413:
            return DataError(
                f"{self.title} finds a batch too large (413).", self.told(answer), "Report this: it is ours."
            )
        return SetupError(
            f"{self.title} refused a request ({status}).",
            self.told(answer),
            f"See the common errors in platforms/{self.slug}/README.md, then redrive.",
        )

    def busy(self, answer: Answer) -> RetryLater:
        """Return the error for "later", with the wait that the answer asks for."""
        wait = read_wait(answer.headers, answer.json, self.clock())
        return RetryLater(f"{self.title} is busy ({answer.status}).", self.told(answer), retry_after=wait)

    def told(self, answer: Answer) -> str:
        """Return the platform's own message, short, without personal data and secrets."""
        text = (self.message(answer) or "").encode("utf-8", "replace").decode()
        text = their_words(self.secret.scrub(re.sub(r"\s+", " ", text)))[:300]
        return f'It says "{text}".' if text else ""

    def message(self, answer: Answer) -> str | None:
        """Return the human sentence in an error answer, wherever platforms put it."""
        fields = answer.fields
        error = fields.get("error")
        found = [error.get("message") if isinstance(error, dict) else error]
        found += [
            fields.get(name)
            for name in (
                "message",
                "Message",
                "error_description",
                "detail",
                "debug_message",
                "display_message",
            )
        ]
        for name in ("errors", "Errors"):
            rows = fields.get(name)
            for row in rows if isinstance(rows, list) else ():
                found += (
                    [row.get(key) for key in ("detail", "message", "Message", "title")]
                    if isinstance(row, dict)
                    else []
                )
        return next((text for text in found if isinstance(text, str) and text), None)

    @property
    def slug(self) -> str:
        """Return the platform's folder."""
        return type(self).__module__.rpartition(".")[0].rpartition(".")[2]

    def poll(self, audience: Audience, job: str, rows: int) -> BatchResult | None:
        """Refuse: a platform without jobs is never asked."""
        raise NotImplementedError(f"{self.title} has no jobs")

    def overdue(self, audience: Audience, job: str, rows: int) -> BatchResult | None:
        """Return nothing: a job that does not end is a question to the platform."""
        del audience, job, rows
        return None

    def validate(self, audience: Audience, batch: Batch) -> BatchResult:
        """Refuse: a platform without a dry run is never asked."""
        raise NotImplementedError(f"{self.title} has no dry run")

    def describe(self, audience: Audience) -> Mapping[str, Any]:
        """Return nothing, where the platform tells nothing."""
        del audience
        return {}
