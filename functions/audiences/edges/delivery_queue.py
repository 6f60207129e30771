"""The delivery queue, and the place for what nobody could deliver: messages there have their reason."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from audiences.edges.aws import client
from audiences.errors import RetryLater
from audiences.failures import to_attributes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audiences.delivery.message import Message


def send_later(message: Message, delay: int) -> None:
    """Put the rest of a delivery back into the queue DELIVERY_QUEUE_URL, held back for `delay` seconds."""
    _send(os.environ["DELIVERY_QUEUE_URL"], message.body(), delay=delay)


def bury(body: str, failure: Mapping[str, str]) -> None:
    """Put a message into the queue DEAD_LETTER_QUEUE_URL, with `{error, what, why, fix}` as attributes."""
    _send(os.environ["DEAD_LETTER_QUEUE_URL"], body, attributes=to_attributes(failure))


def _send(
    queue: str, body: str, *, delay: int = 0, attributes: dict[str, dict[str, str]] | None = None
) -> None:
    try:
        client("sqs").send_message(
            QueueUrl=queue, MessageBody=body, DelaySeconds=delay, MessageAttributes=attributes or {}
        )
    except (ClientError, BotoCoreError) as error:
        raise RetryLater("A message could not be put into a queue.", f"{type(error).__name__}.") from error
