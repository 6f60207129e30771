"""Training a solution version: which interactions count, whether they suffice, and what is learned from them.

Minimums: https://docs.aws.amazon.com/personalize/latest/dg/limits.html; texts: error-messages.html there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from local.personalize.affinity import Affinity, learn
from local.personalize.errors import JobFailed

if TYPE_CHECKING:
    from local.personalize.schemas import Schema
    from local.personalize.tables import Array, Column, Table

ITEM_AFFINITY = "aws-item-affinity"
ITEM_ATTRIBUTE_AFFINITY = "aws-item-attribute-affinity"
LEAST_INTERACTIONS = 1_000
LEAST_USERS = 25  # with at least two interactions each
LEAST_SHARE = 0.01  # of all users


@dataclass(frozen=True)
class Model:
    """A trained solution version: the affinities and, for attributes, the items' columns (names in capitals).

    `item_codes` says for each row of the items table which item of the affinity it is (-1: none).
    """

    recipe: str
    affinity: Affinity
    attributes: dict[str, Column]
    item_codes: Array


def train(
    recipe: str,
    interactions: Table | None,
    items: tuple[Schema, Table | None] | None,
    event_type: str | None,
    config: dict[str, Any],
) -> Model:
    """Learn from bulk data. Raises JobFailed when data are missing or too few."""
    if interactions is None:
        raise JobFailed("Dataset group has no interactions imported in bulk with import mode FULL.")
    affinity = _learn_interactions(interactions, event_type, config)
    attributes, item_codes = _item_attributes(items, affinity, config)
    if recipe == ITEM_ATTRIBUTE_AFFINITY and not attributes:
        raise JobFailed(
            "The Item-Attribute-Affinity recipe requires an Items dataset with data imported in mode FULL "
            "and at least one metadata column that is a number or categorical, and not reserved."
        )
    return Model(recipe, affinity, attributes, item_codes)


def _learn_interactions(table: Table, event_type: str | None, config: dict[str, Any]) -> Affinity:
    weights = event_weights(table, event_type, config)
    users, items = table.columns["USER_ID"], table.columns["ITEM_ID"]
    counted = np.flatnonzero(weights > 0)
    counted = counted[_first_of_each(table, counted)]
    if len(counted) < LEAST_INTERACTIONS:
        filtered = f" after filtering by event type: {event_type}" if event_type else ""
        raise JobFailed(
            f"Dataset has fewer than {LEAST_INTERACTIONS} interactions{filtered}. It has {len(counted)}."
        )
    per_user = np.bincount(users.values[counted])
    people, returning = np.count_nonzero(per_user), np.count_nonzero(per_user >= 2)
    if returning < LEAST_USERS:
        raise JobFailed(f"Dataset has fewer than {LEAST_USERS} users with at least 2 interactions each.")
    if returning < LEAST_SHARE * people:
        raise JobFailed(
            f"Fewer than {LEAST_SHARE:.0%} of users have at least 2 interactions: {returning} of {people}."
        )
    return learn(
        users.words or [], items.words or [], users.values[counted], items.values[counted], weights[counted]
    )


def event_weights(table: Table, event_type: str | None, config: dict[str, Any]) -> Array:
    """Return each interaction's weight; 0 means it is not used for training.

    `eventsConfig` names the event types to use with weights and thresholds; without it `eventType` and
    `eventValueThreshold` select with weight 1.
    """
    events = (config.get("eventsConfig") or {}).get("eventParametersList") or []
    if events:
        weights = np.zeros(table.rows)
        for event in events:
            chosen = _matching_events(table, event.get("eventType"), event.get("eventValueThreshold"))
            weights[chosen] = event.get("weight", 1.0)
        return weights
    threshold = config.get("eventValueThreshold")
    chosen = _matching_events(table, event_type, float(threshold) if threshold else None)
    return chosen.astype(np.float64)


def _matching_events(table: Table, event_type: str | None, threshold: float | None) -> Array:
    chosen = np.ones(table.rows, dtype=bool)
    if event_type is not None:
        column = table.columns.get("EVENT_TYPE")
        if column is None:
            raise JobFailed(f"Dataset has no EVENT_TYPE column to filter by event type: {event_type}.")
        chosen &= column.matching(lambda word: word == event_type)
    if threshold is not None:
        column = table.columns.get("EVENT_VALUE")
        if column is None:
            raise JobFailed("Dataset has no EVENT_VALUE column for the event value threshold.")
        chosen &= column.values >= threshold
    return chosen


def _first_of_each(table: Table, rows: Array) -> Array:
    """Return positions in `rows` of interactions that differ in user, item, time or event, in file order."""
    names = [name for name in ("EVENT_TYPE", "TIMESTAMP", "ITEM_ID", "USER_ID") if name in table.columns]
    keys = [table.columns[name].values[rows] for name in names]
    if len(rows) == 0:
        return rows
    order = np.lexsort(keys)
    fresh = np.zeros(len(rows), dtype=bool)
    fresh[0] = True
    for key in keys:
        fresh[1:] |= key[order][1:] != key[order][:-1]
    return np.sort(order[fresh])


def _item_attributes(
    items: tuple[Schema, Table | None] | None, affinity: Affinity, config: dict[str, Any]
) -> tuple[dict[str, Column], Array]:
    """Return the columns queries may name, one row per item (an id's last), and the items' codes."""
    schema, table = items if items is not None else (None, None)
    if schema is None or table is None:
        return {}, np.empty(0, dtype=np.int64)
    ids = table.columns["ITEM_ID"]
    last_row = np.zeros(len(ids.words or []), dtype=np.int64)
    last_row[ids.values] = np.arange(table.rows)
    one_each = np.zeros(table.rows, dtype=bool)
    one_each[last_row] = True
    table = table.keep(one_each)
    known = {item_id: code for code, item_id in enumerate(affinity.item_ids)}
    by_word = np.array([known.get(item_id, -1) for item_id in ids.words or []], dtype=np.int64)
    usable = {name.upper(): table.columns[name] for name in _usable_columns(schema, config)}
    return usable, by_word[table.columns["ITEM_ID"].values]


def _usable_columns(schema: Schema, config: dict[str, Any]) -> list[str]:
    """Return the item columns to train on: numbers and categories that the solution does not exclude."""
    chosen = config.get("trainingDataConfig") or {}
    excluded = _item_columns(chosen.get("excludedDatasetColumns") or {})
    included = _item_columns(chosen.get("includedDatasetColumns") or {})
    return [
        field.name
        for field in schema.metadata("ITEMS")
        if (field.categorical or field.type != "string")
        and not field.textual
        and field.name.upper() not in excluded
        and (not included or field.name.upper() in included)
    ]


def _item_columns(by_dataset: dict[str, list[str]]) -> set[str]:
    return {
        name.upper() for dataset, names in by_dataset.items() if dataset.upper() == "ITEMS" for name in names
    }
