"""One secret per platform in Secrets Manager: read once, renewed in place, never shown."""

from __future__ import annotations

import json
import time
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from botocore.exceptions import BotoCoreError, ClientError

from audiences.edges.aws import client
from audiences.errors import RetryLater, SetupError
from audiences.identity.blanks import BLANKS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FRESH_SECONDS = 300.0
_SHORTEST = 6  # characters: shorter values ("123") would mask half of every message
_ENDS = BLANKS + "\0\u200b"
_PUBLIC = ("base_url", "token_url")
_THROTTLED = ("ThrottlingException", "InternalServiceError", "InternalServiceErrorException")


class ManagedSecret:
    """Implements `audiences.delivery.Secret`: a JSON object of texts. Read again after five minutes."""

    def __init__(self, arn: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Name the secret; nothing is read yet."""
        self._arn, self._clock = arn, clock
        self._values: dict[str, str] = {}
        self._known: set[str] = set()
        self._read_at: float | None = None

    def __repr__(self) -> str:
        """Show which secret it is, not what it holds."""
        return f"ManagedSecret({self._arn!r})"

    def get(self, name: str) -> str | None:
        """Return a value, None when there is none or it is empty."""
        if self._read_at is None or self._clock() - self._read_at > FRESH_SECONDS:
            self.reload()
        return self._values.get(name) or None

    def reload(self) -> None:
        """Read the secret."""
        answer = self._ask("get_secret_value", SecretId=self._arn)
        try:
            found = json.loads(answer.get("SecretString") or "{}")
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise SetupError(
                f"The secret {self._arn} is no JSON object.",
                "Each credential has a name in it.",
                "Put it in again, see docs/how-to/rotate-a-secret.md.",
            )
        # A line break at the end is how files and clipboards deliver a value; in a header it would end the request.
        self._keep(
            {str(name): "" if value is None else str(value).strip(_ENDS) for name, value in found.items()}
        )

    def save(self, values: Mapping[str, str]) -> None:
        """Write renewed values beside the others."""
        merged = {**self._values, **values}
        self._ask("put_secret_value", SecretId=self._arn, SecretString=json.dumps(merged))
        self._keep(merged)

    def scrub(self, text: str) -> str:
        """Return the text without any value this secret has or had."""
        forms = {form for value in self._known for form in (value, quote(value, safe=""), quote_plus(value))}
        for form in sorted(forms, key=len, reverse=True):
            text = text.replace(form, "[secret removed]")
        return text

    def _keep(self, values: dict[str, str]) -> None:
        self._values, self._read_at = values, self._clock()
        self._known |= {
            value for name, value in values.items() if len(value) >= _SHORTEST and name not in _PUBLIC
        }

    def _ask(self, operation: str, **arguments: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(client("secretsmanager"), operation)(**arguments)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _THROTTLED:
                raise RetryLater(
                    f"The secret {self._arn} could not be used.", f"Secrets Manager says {code}."
                ) from None
            raise SetupError(
                f"The secret {self._arn} could not be used.",
                f"Secrets Manager says {code}.",
                "Check that it is there and that the function's role may use it.",
            ) from None
        except BotoCoreError as error:
            raise RetryLater(
                f"The secret {self._arn} could not be read.", f"{type(error).__name__}."
            ) from None
        return answer


@cache
def open_secret(arn: str) -> ManagedSecret:
    """Return the secret, one object per execution environment."""
    return ManagedSecret(arn)
