"""Delivery: a prepared folder reaches the platform once, whole, and with a receipt.

Pure: no boto3 and no sockets. Everything outside comes in through four small protocols, so that Lambda, a
step of a workflow, the benchmark and the tests run the same engine:

    Client    one per platform, `platforms/<slug>/client.py`: find_audience, create_audience, send, poll,
    describe
    Store     journal, receipt, ledger, rejects and parts of one delivery (`edges/delivery_store.py`)
    Http      one request, one answer (`edges/http.py`)
    Patience  clock, sleep and deadline (`patience.py`)

How a delivery goes (`engine.Delivery`; each method is safe to repeat, so a workflow may call them one by
one):

    delivery.open()          find or create the audience, decide how (once: journalled as `plan`)
    delivery.send(audience)  every batch that the journal does not have: adds first, removes after
    delivery.poll(audience)  every job the platform still works on, until it has ended
    delivery.finish(audience)  rejects, then ledger, then receipt: the receipt means "done", a repeat stops
    at it delivery.run()           all of them; RetryLater(retry_after=0) when the time is up: call again to
    go on

A batch is one prepared part: preparation cut it to the platform's limits, so its bytes go into the request
as they are. `Batch.key` (idempotency) and `Batch.session` depend on audience, run and part only: a batch
sent again after a crash is the same batch to the platform. `Client.send` returns a `BatchResult`; what it
cannot do it raises as one of the four errors: SetupError (a human), RetryLater (again, with `retry_after`),
DataError (the file).

A platform is wired by `UPLOADER = Uploader(…)` in its `client.py`: pattern, secret fields, parallelism,
whether it can replace, and the class of its client. `find_uploader(slug)` and `uploaders()` discover them.
"""

from audiences.delivery.client import Answer, Client, Http, Secret
from audiences.delivery.engine import Delivery, Store
from audiences.delivery.model import Audience, Batch, BatchResult, Outcome, Prepared
from audiences.delivery.patience import Patience
from audiences.delivery.uploader import Field, Uploader, find_uploader, uploaders

__all__ = [
    "Answer",
    "Audience",
    "Batch",
    "BatchResult",
    "Client",
    "Delivery",
    "Field",
    "Http",
    "Outcome",
    "Patience",
    "Prepared",
    "Secret",
    "Store",
    "Uploader",
    "find_uploader",
    "uploaders",
]
