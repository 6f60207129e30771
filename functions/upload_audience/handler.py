"""Delivers prepared audiences: what cannot be done now goes back, what cannot be done is buried.

Nothing is swallowed: a message leaves the queue when its delivery is done, when its rest is in the queue
again, or when it lies in the dead letter queue with its reason. Everything unforeseen is reported as a
failed item, so SQS repeats it; the last time it is buried, too, and told to the run.
"""

from __future__ import annotations

import time
from typing import Any

from audiences.delivery.message import Message
from audiences.edges.deliver import deliver, give_up, put_off
from audiences.edges.delivery_queue import bury
from audiences.edges.entry import entry, make_logger
from audiences.errors import DataError, RetryLater, SetupError
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

logger = make_logger()
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
MOST_RECEIVES = 5  # maxReceiveCount of the queue, nested/uploader-single-step.yaml
_SPARE = 10.0  # seconds for the handler's own last words


@entry(logger)
def lambda_handler(event: dict[str, Any], context: Any) -> Any:
    """Handle a batch of SQS messages; returns `{batchItemFailures: […]}`."""
    return process_partial_response(
        event=event,
        record_handler=lambda record: _handle(
            record.body, int(record.attributes.approximate_receive_count), context
        ),
        processor=processor,
        context=context,
    )


def _handle(body: str, receives: int, context: Any) -> None:
    now = time.time()
    try:
        message = Message.read(body)
        if message.waiting:
            raise RetryLater("It is not time yet.", retry_after=message.waiting)
        seconds = context.get_remaining_time_in_millis() / 1000 - _SPARE
        outcome = deliver(message.bucket, message.key, holder=context.aws_request_id, seconds=seconds)
        logger.info("Delivered.", extra={"manifest": message.key, "status": outcome.status})
    except RetryLater as error:
        seconds_later = put_off(message, error, now)
        logger.info("Put off.", extra={"seconds": seconds_later, "reason": error.what})
    except (SetupError, DataError) as error:
        logger.warning("Not delivered.", extra=error.as_failure())
        bury(body, error.as_failure())
    except Exception as error:
        logger.error(  # noqa: TRY400  # a trace may hold values of the failing frame's request
            "Failed without a reason of ours.", extra={"kind": type(error).__name__}
        )
        if receives < MOST_RECEIVES:
            raise
        give_up(body, type(error).__name__)
