"""Reads audience members as the Data Manager API does: a malformed member refuses the whole request."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

from local.platforms.digests import Key, read_base64, read_hex
from local.platforms.wire import Refusal

MAX_IDENTIFIERS = 10  # user identifiers of one member
ACCOUNT_TYPES = (
    "ACCOUNT_TYPE_UNSPECIFIED",
    "GOOGLE_ADS",
    "DISPLAY_VIDEO_PARTNER",
    "DISPLAY_VIDEO_ADVERTISER",
    "DATA_PARTNER",
    "GOOGLE_ANALYTICS_PROPERTY",
    "GOOGLE_AD_MANAGER_AUDIENCE_LINK",
)
KEY_TYPES = (
    "UPLOAD_KEY_TYPE_UNSPECIFIED",
    "CONTACT_ID",
    "MOBILE_ID",
    "USER_ID",
    "PAIR_ID",
    "PSEUDONYMOUS_ID",
)
TERMS = ("TERMS_OF_SERVICE_STATUS_UNSPECIFIED", "ACCEPTED", "REJECTED")
_ENCODINGS = ("ENCODING_UNSPECIFIED", "HEX", "BASE64")
_CONSENT = ("CONSENT_STATUS_UNSPECIFIED", "CONSENT_GRANTED", "CONSENT_DENIED")
_GRANTED = {"adUserData": "CONSENT_GRANTED", "adPersonalization": "CONSENT_GRANTED"}
_ADDRESS = ("givenName", "familyName", "regionCode", "postalCode")
_MOBILE_ID = re.compile(r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_MEMBER = {
    "userData",
    "mobileData",
    "userIdData",
    "consent",
    "destinationReferences",
}  # kinds this stand-in keeps


def enum(value: Any, names: tuple[str, ...]) -> str:
    """Return an enumeration's name, also for its number; an unknown one is returned as text."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(names):
        return names[value]
    return str(value)


@dataclass
class Batch:
    """Members read: the keys of those taken, how many came, the indices of those refused later, by reason."""

    rows: list[list[Key]]
    records: int
    identifiers: int
    destinations: list[dict[str, Any]]
    key_types: set[str] = field(default_factory=set)
    errors: dict[str, list[int]] = field(default_factory=dict)

    def describe(self, kind: str) -> dict[str, Any]:
        """Return the counts of IngestAudienceMembersStatus or RemoveAudienceMembersStatus."""
        if "MOBILE_ID" in self.key_types:
            counts = {"recordCount": str(self.records), "mobileIdCount": str(self.identifiers)}
            return {f"mobileData{kind}Status": counts}
        if "USER_ID" in self.key_types:
            return {
                f"userIdData{kind}Status": {
                    "recordCount": str(self.records),
                    "userIdCount": str(self.identifiers),
                }
            }
        told = {"recordCount": str(self.records), "userIdentifierCount": str(self.identifiers)}
        if kind == "Ingestion":
            is_small = self.records < 100  # [K] no rate is told for small uploads
            told["uploadMatchRateRange"] = f"MATCH_RATE_RANGE_{'NOT_ELIGIBLE' if is_small else '51_TO_60'}"
        return {f"userData{kind}Status": told}


def read_members(rows: list[Any], body: dict[str, Any], *, with_consent: bool) -> Batch:
    """Return the batch; Refusal with the field to blame when a member is malformed."""
    encoding = enum(body.get("encoding"), _ENCODINGS)
    batch = Batch([], len(rows), 0, body["destinations"])
    hashed: list[tuple[int, str]] = []  # member, digest as sent
    plain: list[tuple[int, Key]] = []
    for at, row in enumerate(rows):
        if not isinstance(row, dict) or row.keys() - _MEMBER:
            raise Refusal("bad_request", "Unknown kind of member.", field=f"audience_members[{at}]")
        _read_member(at, row, hashed, plain, batch.key_types)
    if hashed and encoding not in {"HEX", "BASE64"}:
        raise Refusal("bad_request", "encoding is required with user data.", field="encoding")
    values = [value for _, value in hashed]
    digests = read_hex(values) if encoding == "HEX" else read_base64(values)
    keys: list[list[Key]] = [[] for _ in rows]
    for (at, _), key in zip(hashed, digests, strict=True):
        if key is None:
            raise Refusal(
                "bad_request",
                f"Not a SHA-256 hash in {encoding}.",
                field=f"audience_members[{at}].user_data.user_identifiers",
                reason="INVALID_HASH",
            )
        keys[at].append(key)
    for at, plain_key in plain:
        keys[at].append(plain_key)
    batch.identifiers = len(hashed) + len(plain)
    refused = _denied(rows, body.get("consent")) if with_consent else []
    if refused:
        batch.errors["PROCESSING_ERROR_REASON_DENIED_CONSENT"] = refused
    left_out = set(refused)
    batch.rows = [row for at, row in enumerate(keys) if at not in left_out]
    return batch


def _read_member(
    at: int, row: dict[str, Any], hashed: list[tuple[int, str]], plain: list[tuple[int, Key]], types: set[str]
) -> None:
    if "userData" in row:
        types.add("CONTACT_ID")
        _read_user_data(at, row["userData"].get("userIdentifiers"), hashed, plain)
    elif "mobileData" in row:
        types.add("MOBILE_ID")
        for value in row["mobileData"].get("mobileIds") or [""]:
            if not _MOBILE_ID.fullmatch(value):
                raise Refusal("bad_request", "Not a mobile id.", field=f"audience_members[{at}].mobile_data")
            plain.append((at, value.lower()))
    elif (row.get("userIdData") or {}).get("userId"):
        types.add("USER_ID")
        plain.append((at, str(row["userIdData"]["userId"])))
    else:
        raise Refusal("bad_request", "The member is empty.", field=f"audience_members[{at}]")


def _read_user_data(
    at: int, identifiers: Any, hashed: list[tuple[int, str]], plain: list[tuple[int, Key]]
) -> None:
    where = f"audience_members[{at}].user_data.user_identifiers"
    if not identifiers or len(identifiers) > MAX_IDENTIFIERS:
        raise Refusal("bad_request", f"1 to {MAX_IDENTIFIERS} user identifiers are required.", field=where)
    for one in identifiers:
        for name, value in one.items():
            if name == "address":
                plain.append((at, _address(value, where)))
            elif name in {"emailAddress", "phoneNumber"}:
                hashed.append((at, value))
            else:
                raise Refusal("bad_request", f'Unknown name "{name}".', field=where)


def _address(value: dict[str, Any], where: str) -> Key:
    """Return one key for an address; names are hashed, region and post code plain, all four are needed."""
    if any(not value.get(name) for name in _ADDRESS):
        raise Refusal("bad_request", f"address needs {', '.join(_ADDRESS)}.", field=where)
    if not re.fullmatch("[A-Z]{2}", value["regionCode"]):
        raise Refusal("bad_request", "regionCode must be two upper-case letters.", field=where)
    names = [value["givenName"], value["familyName"]]
    if None in read_hex(names) and None in read_base64(names):
        raise Refusal("bad_request", "Names must be hashed with SHA-256.", field=where)
    return hashlib.sha256("\x1f".join(str(value[name]) for name in _ADDRESS).encode()).digest()


def _denied(rows: list[dict[str, Any]], common: dict[str, Any] | None) -> list[int]:
    """Return the members whose consent is denied; a member's own consent comes before the request's."""
    return [at for at, row in enumerate(rows) if _is_denied(row.get("consent") or common or {})]


def _is_denied(consent: dict[str, Any]) -> bool:
    if consent == _GRANTED:
        return False
    return any(
        enum(consent.get(name), _CONSENT) == "CONSENT_DENIED" for name in ("adUserData", "adPersonalization")
    )
