"""Keeps what a training run knows of each resource, and publishes its state changes, each once.

One small object per resource, `runs/<run_id>/training/<resource>.json`: only one task works on a resource at
a time, so nothing is overwritten.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from audiences.edges.bus import put_events
from audiences.edges.training_store import TrainingStore
from audiences.events import state_change_event
from audiences.runs import safe_name
from audiences.training.ensure import Record
from audiences.training.plan import Plan


class TrainingRecords:
    """The records of one run, in the audience bucket."""

    def __init__(self, bucket: str, bus: str, run_id: str) -> None:
        """Keep in `bucket`, publish on `bus`."""
        self._store = TrainingStore(bucket)
        self._bus = bus
        self._run_id = run_id

    def load(self, resource: str) -> Record:
        """Return the record of a resource, empty at first."""
        value = self._store.read_json(self._key(resource))
        return Record(**value) if value else Record()

    def save(self, resource: str, record: Record) -> None:
        """Keep the record."""
        self._store.write_json(self._key(resource), asdict(record))

    def publish(self, resource: str, record: Record, event: dict[str, Any]) -> None:
        """Put a state change on the bus and add it to the kept record."""
        entry = state_change_event(
            self._bus,
            event["resource"],
            event["arn"],
            event["status"],
            duration=event.get("duration_seconds"),
            failure_reason=event.get("failure_reason"),
            run_id=self._run_id,
        )
        put_events([entry])
        record.events.append(event)
        self.save(resource, record)

    def save_plan(self, plan: Plan) -> str:
        """Keep the plan of the run and return its S3 URI."""
        return self._store.write_json(self._key("plan"), plan.as_json())

    def load_plan(self) -> Plan | None:
        """Return the plan of the run, or None when the run failed before it was made."""
        value = self._store.read_json(self._key("plan"))
        return Plan(**value) if value else None

    def _key(self, name: str) -> str:
        return f"runs/{self._run_id}/training/{safe_name(name)}.json"
