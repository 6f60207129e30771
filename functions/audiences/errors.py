"""The four errors of Audience Relay: the class name is the policy, and state machines match on it.

    AudienceError
    ├── SetupError       a human must act (credentials, permissions, configuration): stop, mail, no retry
    ├── RetryLater       throttled, unavailable or still pending: the state machine's Retry drives it again
    ├── RecordRejected   one record is unusable: count it, report it, carry on with the others
    └── DataError        the file breaks its contract: stop before anything is sent

Every message says what happened, why, and what to do next. Messages never hold personal data: name a
line, a column or a key instead of the value found there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audiences.failures import OURS, to_text

if TYPE_CHECKING:
    from collections.abc import Mapping


class AudienceError(Exception):
    """Base of every error a stage raises on purpose. `str(error)` is the text a person reads: what, why, next."""

    def __init__(self, what: str, why: str = "", fix: str = "") -> None:
        """Keep the three parts: `what` happened, `why`, and the `fix` a person can type or click."""
        self.what = what
        self.why = why
        self.fix = fix
        super().__init__(to_text(what, why, fix))

    def as_failure(self) -> dict[str, str]:
        """Return the JSON form used in events, run records and mails: `{error, what, why, fix}`."""
        kinds = [kind.__name__ for kind in type(self).__mro__]
        return {
            "error": next((name for name in kinds if name in OURS), kinds[0]),
            "what": self.what,
            "why": self.why,
            "fix": self.fix,
        }


class SetupError(AudienceError):
    """A human must act before a repeat can succeed: credentials, permissions, configuration, quotas."""


class RetryLater(AudienceError):  # noqa: N818  # the name is the policy
    """Nothing is wrong yet: throttled, unavailable, or a resource that is still being created."""

    def __init__(self, what: str, why: str = "", fix: str = "", retry_after: float | None = None) -> None:
        """Add `retry_after`: seconds to wait as told by the service, or None when it did not say."""
        super().__init__(what, why, fix)
        self.retry_after = retry_after


class RecordRejected(AudienceError):  # noqa: N818  # the name is the policy
    """One record cannot be used. Collected and counted; the run goes on."""


class DataError(AudienceError):
    """The input file breaks its contract. Raised before anything is sent."""


def of_failure(failure: Mapping[str, str]) -> AudienceError:
    """Return the error whose `as_failure()` this is, e.g. to raise again what a worker raised."""
    kinds: tuple[type[AudienceError], ...] = (SetupError, RetryLater, RecordRejected, DataError)
    kind = next((kind for kind in kinds if kind.__name__ == failure["error"]), DataError)
    return kind(failure["what"], failure["why"], failure["fix"])
