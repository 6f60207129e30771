"""Sessions: batches that a platform counts together, and only while it keeps their session open.

Meta ends a session of `usersreplace` 90 minutes after its first batch, and replaces the list with what it has
by then. What the journal holds of such a session counts for nothing: everybody goes again, in a new session.
https://developers.facebook.com/docs/marketing-api/audiences/guides/custom-audiences#replace-users-api
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from audiences.errors import AudienceError, DataError, SetupError

if TYPE_CHECKING:
    from audiences.delivery.engine import Delivery
    from audiences.delivery.model import Audience, Batch

SESSION = "session"  # the journal's entry: {number, began, in_a_row, audience}
_OPERATION = "replace"
_SPARE = 300.0  # seconds before the end in which no batch is begun: it might arrive too late
_MOST_IN_A_ROW = 3  # sessions that were used and not enough, before a person is asked


class SessionOverError(SetupError):  # the engine begins another session; elsewhere it is what it says
    """A session ended before all of its batches were taken: the platform says so, or its time does."""


def number_of(delivery: Delivery) -> int:
    """Return the number of the session that batches belong to, from 1."""
    return int(delivery.entries.get(SESSION, {}).get("number", 1))


def send_in_session(delivery: Delivery, audience: Audience) -> None:
    """Send every batch of a replacement in one session: the first alone, because it opens the session."""
    while True:
        _open(delivery, audience)
        (step,) = [one for one in delivery.steps(audience) if one.operation == _OPERATION]
        todo = [batch for batch in step.batches if batch.entry not in delivery.entries]
        try:
            for some in ([one for one in todo if one.number == 1], [one for one in todo if one.number > 1]):
                if some:
                    delivery.send_all(audience, some)
        except SessionOverError as over:
            _close(delivery, audience, over.why)
        except (SetupError, DataError) as error:
            raise _half_done(delivery, len(step.batches), error) from error
        else:
            return


def check(delivery: Delivery, batch: Batch) -> None:
    """Raise SessionOverError when the batch might come after the end of its session."""
    if batch.operation == _OPERATION and SESSION in delivery.entries and _is_over(delivery):
        raise SessionOverError(f"A session of {delivery.prepared.platform} is over.", "Its time is up.")


def _taken(delivery: Delivery) -> dict[str, dict[str, Any]]:
    return {name: one for name, one in delivery.batches().items() if name.startswith(f"{_OPERATION}-")}


def _age(delivery: Delivery, at: str) -> float:
    return delivery.patience.clock() - datetime.fromisoformat(at).timestamp()


def _is_over(delivery: Delivery) -> bool:
    return (
        _age(delivery, delivery.entries[SESSION]["began"]) >= delivery.uploader.session_minutes * 60 - _SPARE
    )


def _open(delivery: Delivery, audience: Audience) -> None:
    """Note when the session begins, which is not before its first batch; give up one that is over."""
    taken = _taken(delivery)
    if SESSION not in delivery.entries:  # or a journal of before sessions were noted
        began = min([one["at"] for one in taken.values()], default=delivery.now())
        _note(delivery, audience, 1, began, 1)
    noted = delivery.entries[SESSION]
    if _is_over(delivery) or noted["audience"] != audience.id:
        _close(delivery, audience, "Its time is up.")
    elif not taken:
        _note(delivery, audience, noted["number"], delivery.now(), noted["in_a_row"])


def _close(delivery: Delivery, audience: Audience, why: str) -> None:
    """Let what was sent in the session count for nothing, and begin the next. SetupError after too many."""
    noted, taken = delivery.entries[SESSION], _taken(delivery)
    last = max([one["at"] for one in taken.values()], default=noted["began"])
    idle = (
        _age(delivery, last) > delivery.uploader.session_minutes * 60
    )  # interrupted, so it was not too short
    in_a_row = 1 if idle else noted["in_a_row"] + 1
    too_many = in_a_row > _MOST_IN_A_ROW
    delivery.forget(taken)
    _note(delivery, audience, noted["number"] + 1, delivery.now(), 1 if too_many else in_a_row)
    if too_many:
        name, minutes = delivery.prepared, delivery.uploader.session_minutes
        raise SetupError(
            f"{name.audience} on {name.platform} could not be replaced within {minutes:g} minutes.",
            f"{_MOST_IN_A_ROW} sessions ended before everybody was sent. {why}",
            "Redrive at a quieter time, or give the audience another name: a new one needs no replacing.",
        )


def _half_done(delivery: Delivery, batches: int, error: AudienceError) -> AudienceError:
    """Return the error that stopped a replacement, with what becomes of the audience unless it goes on."""
    taken = len(_taken(delivery))
    if not taken:
        return error
    platform, minutes = delivery.prepared.platform, delivery.uploader.session_minutes
    told = (
        f"{taken:,} of {batches:,} batches of a replacement were taken: {minutes:g} minutes after the first,"
        f" {platform} leaves only these people in the audience."
    )
    return type(error)(error.what, f"{error.why} {told}".strip(), error.fix)


def _note(delivery: Delivery, audience: Audience, number: int, began: str, in_a_row: int) -> None:
    entry = {"number": number, "began": began, "in_a_row": in_a_row, "audience": audience.id}
    delivery.note(SESSION, entry, again=True)
