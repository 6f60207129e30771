"""Requests of the Data Manager API around prepared members, which go in as they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audiences.delivery import Batch


def build_list(name: str, key_type: str, days: int) -> dict[str, Any]:
    """Return the body that makes a user list.

    https://developers.google.com/data-manager/api/reference/rest/v1/accountTypes.accounts.userLists
    """
    info: dict[str, Any] = {"uploadKeyTypes": [key_type]}
    if key_type == "CONTACT_ID":
        info["contactIdInfo"] = {"dataSourceType": "DATA_SOURCE_TYPE_FIRST_PARTY"}
    return {"displayName": name, "membershipDuration": f"{days * 86_400}s", "ingestedUserListInfo": info}


def build_body(batch: Batch, destination: Mapping[str, Any], *, validate_only: bool = False) -> bytes:
    """Return the body of ingest or remove. Consent stands with each member that gave it, never for all.

    https://developers.google.com/data-manager/api/reference/rest/v1/audienceMembers/ingest
    """
    rest: dict[str, Any] = {"destinations": [destination], "encoding": "HEX"}
    if batch.operation == "add":
        rest["termsOfService"] = {"customerMatchTermsOfServiceStatus": "ACCEPTED"}
    if validate_only:
        rest["validateOnly"] = True
    return (
        json.dumps(rest, separators=(",", ":")).encode()[:-1] + b',"audienceMembers":' + batch.read() + b"}"
    )
