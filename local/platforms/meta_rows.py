"""Reads what Meta's upload calls carry: rows under a schema, and the session they belong to."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from local.platforms.digests import Key, read_hex
from local.platforms.wire import Refusal, Request

# https://developers.facebook.com/docs/marketing-api/audiences/guides/custom-audiences#hash
HASHED = frozenset(
    {"EMAIL", "PHONE", "GEN", "DOBY", "DOBM", "DOBD", "LN", "FN", "FI", "CT", "ST", "ZIP", "COUNTRY"}
)
PLAIN = frozenset(
    {
        "EXTERN_ID",
        "MADID",
        "APPUID",
        "LOOKALIKE_VALUE",
        "DATA_PROCESSING_OPTIONS",
        "DATA_PROCESSING_OPTIONS_COUNTRY",
        "DATA_PROCESSING_OPTIONS_STATE",
    }
)
# Limited Data Use of a customer list: .../marketing-api/audiences/guides/custom-audiences (schema) and
# .../marketing-apis/data-processing-options: 1 the United States, 1000 California, 0 Meta finds out itself.
OPTIONS: dict[str, list[Any]] = {
    "DATA_PROCESSING_OPTIONS": [[], ["LDU"]],
    "DATA_PROCESSING_OPTIONS_COUNTRY": [0, 1],
    "DATA_PROCESSING_OPTIONS_STATE": [0, 1000],
}
STRONG = frozenset({"EMAIL", "PHONE", "EXTERN_ID", "MADID", "APPUID"})
SINGLE = {"EMAIL_SHA256": "EMAIL", "PHONE_SHA256": "PHONE", "MOBILE_ADVERTISER_ID": "MADID", "UID": "APPUID"}
FIELDS = frozenset(
    {
        "id",
        "account_id",
        "name",
        "subtype",
        "description",
        "customer_file_source",
        "operation_status",
        "delivery_status",
        "approximate_count_lower_bound",
        "approximate_count_upper_bound",
        "time_created",
        "time_updated",
        "retention_days",
        "data_source",
        "permission_for_actions",
    }
)
_MADID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_MISMATCH = "Data is missing or does not match schema."


def read_parameters(request: Request) -> dict[str, Any]:
    """Merge query and body; objects may come as JSON text, as official clients send them."""
    given: dict[str, Any] = dict(request.query)
    if request.media_type == "application/json" and request.body:
        given.update(request.json_object())
    elif request.body:
        given.update(request.form())
    for name in ("payload", "session"):
        if isinstance(given.get(name), str):
            try:
                given[name] = json.loads(given[name])
            except ValueError:
                raise Refusal("bad_request", f"{name} is not JSON.", field=name) from None
    return given


def read_rows(schema: Any, rows: list[Any]) -> tuple[list[list[Key]], list[int]]:
    """Return the keys of each good row and the indices of invalid rows.

    A row is known by its e-mail, phone, own id or ad id; a row without, by all it holds.
    """
    names = _read_schema(schema)
    if isinstance(schema, str):
        rows = [row if isinstance(row, list) else [row] for row in rows]
    if not all(isinstance(row, list) for row in rows) or set(map(len, rows)) != {len(names)}:
        raise Refusal("bad_request", _MISMATCH, field="payload")
    invalid: set[int] = set()
    strong: list[list[Key | None]] = []
    for name, values in zip(names, zip(*rows, strict=True), strict=True):
        keys = _read_column(name, values, invalid)
        if name in STRONG:
            strong.append(keys)
    if len(strong) == 1 and not invalid and None not in strong[0]:
        return [[key] for key in strong[0] if key is not None], []
    good: list[list[Key]] = []
    for at, row in enumerate(rows):
        if at in invalid:
            continue
        found = [column[at] for column in strong]
        known = [key for key in found if key is not None] or _weak_key(row)
        if known:
            good.append(known)
        else:
            invalid.add(at)
    return good, sorted(invalid)


def _read_schema(schema: Any) -> list[str]:
    if isinstance(schema, str):
        schema = [SINGLE.get(schema, schema)]
    if not isinstance(schema, list) or not schema:
        raise Refusal("bad_request", "schema is required.", field="payload")
    for name in schema:
        if name not in HASHED | PLAIN:
            raise Refusal("bad_request", f"schema has the unknown key {name}.", field="payload")
    return schema


def _read_column(name: str, values: tuple[Any, ...], invalid: set[int]) -> list[Key | None]:
    """Return a key per row, None for an empty cell; add the rows with a wrong value to `invalid`."""
    if name in HASHED:
        there = [at for at, value in enumerate(values) if value != ""]
        digests = read_hex(values if len(there) == len(values) else [values[at] for at in there])
        invalid.update(at for at, key in zip(there, digests, strict=True) if key is None)
        if len(there) == len(values):
            return list(digests)
        keys: list[Key | None] = [None] * len(values)
        for at, key in zip(there, digests, strict=True):
            keys[at] = key
        return keys
    if name in OPTIONS and any(value not in OPTIONS[name] for value in values):
        raise Refusal("bad_request", f"{name} holds a value that is none of its own.", field="payload")
    if name == "MADID":
        invalid.update(
            at for at, value in enumerate(values) if value != "" and not _MADID.fullmatch(str(value))
        )
    if any(isinstance(value, str) and "@" in value for value in values):
        raise Refusal("raw_data", "The request holds addresses that were not hashed.")
    return [str(value) if value not in ("", None, []) else None for value in values]


def note_use(info: dict[str, Any], given: dict[str, Any], keys: list[list[Key]]) -> None:
    """Keep whose use is limited, as it was last said, and whether consent was told."""
    if given.get("customer_consent", True) not in (True, "true", "1"):
        raise Refusal("bad_request", "customer_consent must be true where it is.", field="customer_consent")
    schema, rows = given["payload"]["schema"], given["payload"]["data"]
    said = {key for row in keys for key in row}
    limited: set[Key] = set()
    name = "DATA_PROCESSING_OPTIONS"
    if isinstance(schema, list) and name in schema and len(keys) == len(rows):
        at = schema.index(name)
        limited = {key for row, found in zip(rows, keys, strict=True) if row[at] == ["LDU"] for key in found}
    info["limited"] = (info.get("limited", set()) - said) | limited
    info["consented"] = "customer_consent" in given


def _weak_key(row: list[Any]) -> list[Key]:
    if not any(row):
        return []
    return [hashlib.sha256("\x1f".join(map(str, row)).encode()).digest()]


def read_session(session: Any, *, is_required: bool) -> dict[str, Any] | None:
    """Return a checked session, None when there is none and none is needed."""
    if session is None and not is_required:
        return None
    if not isinstance(session, dict):
        raise Refusal("bad_request", "session is required and must be an object.", field="session")
    number, seq = session.get("session_id"), session.get("batch_seq")
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 2**63:
        raise Refusal("bad_request", "session_id must be a positive 64-bit number.", field="session")
    if not isinstance(seq, int) or seq < 1:
        raise Refusal("bad_request", "batch_seq must count from 1.", field="session")
    if not isinstance(session.get("last_batch_flag"), bool):
        raise Refusal("bad_request", "last_batch_flag must be true or false.", field="session")
    return session


def count_batch(
    sessions: dict[int, dict[str, Any]],
    session: dict[str, Any],
    mode: str,
    counts: tuple[int, int],
    now: float,
) -> dict[str, Any]:
    """Note one batch and return its session's entry; a batch sent again is a repeat and counts once."""
    seq = session["batch_seq"]
    fresh = {"mode": mode, "seqs": set(), "received": 0, "invalid": 0, "done": False, "started": now}
    entry = sessions.setdefault(session["session_id"], fresh)
    if entry["mode"] != mode:
        raise Refusal("bad_request", "This session was begun by another operation.", field="session")
    entry["repeat"] = seq in entry["seqs"]
    if entry["repeat"]:
        return entry
    if entry["done"]:
        raise Refusal("bad_request", "This session has ended: begin another.", field="session")
    if session["last_batch_flag"] and entry["seqs"] | {seq} != set(range(1, seq + 1)):
        raise Refusal("bad_request", "The last batch came before all others were received.", field="session")
    entry["seqs"].add(seq)
    entry["received"] += counts[0]
    entry["invalid"] += counts[1]
    entry["done"] = session["last_batch_flag"]
    return entry
