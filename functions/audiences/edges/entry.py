"""How a function begins and ends: what it logs and what it raises goes through the masker.

Lambda writes an exception into the log, and Step Functions keeps it in the execution's history: both outlive the
data that it may quote.
"""

from __future__ import annotations

import json
from functools import wraps
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from audiences.edges.safe import safe
from audiences.redact import redact_all

if TYPE_CHECKING:
    from collections.abc import Callable

    Handler = Callable[[dict[str, Any], Any], Any]


def make_logger() -> Logger:
    """Return the function's logger; no text leaves it unmasked."""
    return Logger(json_serializer=_masked)


def _masked(log: dict[str, Any]) -> str:
    plain = json.loads(json.dumps(log, default=str))
    return json.dumps(redact_all(plain), ensure_ascii=False, separators=(",", ":"))


def entry(logger: Logger) -> Callable[[Handler], Handler]:
    """Log with the invocation's context, and raise nothing that quotes anything.

    An error of ours keeps its masked words and leaves as one of the four; any other exception keeps its class,
    which a state machine may match, its place, and what AWS calls the refusal.
    """

    def wrap(handler: Handler) -> Handler:
        in_context = logger.inject_lambda_context(handler)

        @wraps(handler)
        def run(event: dict[str, Any], context: Any) -> Any:
            try:
                return in_context(event, context)
            except Exception as error:  # noqa: BLE001  # a masked one is raised
                raise safe(error).with_traceback(error.__traceback__) from None

        return run

    return wrap
