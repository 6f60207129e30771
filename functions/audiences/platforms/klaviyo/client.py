"""Klaviyo lists: profiles come in by import jobs, and leave one by one by their id.

Being on a list is no consent.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from audiences.delivery.api import ApiClient
from audiences.delivery.auth import StaticToken
from audiences.delivery.model import Audience, BatchResult
from audiences.delivery.told import Told
from audiences.delivery.uploader import Field, Uploader
from audiences.errors import SetupError
from audiences.platforms.klaviyo.payload import build_ids, build_job, group_identifiers
from audiences.platforms.klaviyo.version import API_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from audiences.delivery import Answer, Batch, Http, Secret
    from audiences.errors import AudienceError

_JOBS = "/api/profile-bulk-import-jobs"
_TYPE = "application/vnd.api+json"
_DONE = 204
_MOST_VALUES, _MOST_IDS = 100, 1_000  # of a filter, of a relationship call: the API's specification


class KlaviyoClient(ApiClient):
    """One account: the key belongs to it."""

    title = "Klaviyo"

    def __init__(self, http: Http, secret: Secret, destination: Mapping[str, str], **options: Any) -> None:
        """Sign with a private key."""
        super().__init__(http, secret, destination, **options)
        self.auth = StaticToken(secret, self.title, "api_key", prefix="Klaviyo-API-Key ")

    def _ask(self, method: str, path: str, **options: Any) -> Answer:
        headers = {"revision": API_VERSION, "Accept": _TYPE}
        if "data" in options or "body" in options:
            headers["Content-Type"] = _TYPE
        return self.request(method, path, headers=headers, **options)

    def _pages(self, path: str, query: Mapping[str, str]) -> Iterator[Told]:
        last = ""
        while True:
            page = self.read(self._ask("GET", path, query=query))
            yield from page.rows("data")
            following = page.part("links", required=False).text("next", "")
            if not following:
                return
            query = _query_of(self.other(following, last), page)
            last = following

    def find_audience(self, name: str) -> Audience | None:
        """Ask for the list of this name."""
        wanted = f"equals(name,{json.dumps(name, ensure_ascii=False)})"
        for row in self._pages("/api/lists", {"filter": wanted}):
            if row.part("attributes").text("name", "") == name:
                return Audience(row.id("id"), name)
        return None

    def create_audience(self, name: str) -> Audience:
        """Make an empty list."""
        body = {"data": {"type": "list", "attributes": {"name": name}}}
        made = self.read(self._ask("POST", "/api/lists", data=body)).part("data")
        return Audience(made.id("id"), name, created=True)

    def send(self, audience: Audience, batch: Batch) -> BatchResult:
        """Start an import job, or take profiles off the list."""
        if batch.operation == "remove":
            return self._remove(audience, batch)
        made = self.read(self._ask("POST", _JOBS, body=build_job(audience.id, batch))).part("data")
        return BatchResult(accepted=0, job=made.id("id"))

    def _remove(self, audience: Audience, batch: Batch) -> BatchResult:
        """Find the profiles, then take them off. Who has no profile is on no list, and is told of."""
        ids: list[str] = []
        for name, values in group_identifiers(batch).items():
            for start in range(0, len(values), _MOST_VALUES):
                some = json.dumps(values[start : start + _MOST_VALUES], ensure_ascii=False)
                query = {"filter": f"any({name},{some})", "page[size]": str(_MOST_VALUES)}
                ids += [row.id("id") for row in self._pages("/api/profiles", query)]
        for start in range(0, len(ids), _MOST_IDS):
            path = f"/api/lists/{audience.id}/relationships/profiles"
            answer = self._ask("DELETE", path, data=build_ids(ids[start : start + _MOST_IDS]))
            if answer.status != _DONE or answer.body:  # the specification knows 204 alone
                raise Told({}, self.title).doubt("a removal is confirmed by 204 without a body only")
        missing = batch.rows - len(set(ids))
        warning = (
            f"{missing:,} people to take off the list have no profile at Klaviyo: merged or deleted there."
        )
        return BatchResult(accepted=batch.rows, told={"warning": warning} if missing > 0 else {})

    def poll(self, _audience: Audience, job: str, rows: int) -> BatchResult | None:
        """Look at an import job; its errors name the profiles by their place."""
        told = self.read(self._ask("GET", f"{_JOBS}/{job}", job=True)).part("data").part("attributes")
        status = told.text("status")
        if status not in ("complete", "cancelled"):
            return None
        refused: dict[int, str] = {}
        if status == "cancelled":
            return BatchResult(accepted=0, rejected=rows, reasons={"job_cancelled": rows})
        failed = told.count("failed_count", most=rows)
        for row in self._pages(f"{_JOBS}/{job}/import-errors", {}) if failed else ():
            about = row.part("attributes")
            pointer = about.part("source", required=False).text("pointer", "")
            place = re.search(r"/([0-9]{1,9})(?:/|$)", pointer)
            if place and int(place[1]) < rows and len(refused) < failed:
                why = about.text("title", "") or about.text("code", "refused")
                refused[int(place[1])] = why
        reasons: dict[str, int] = {}
        for reason in refused.values():
            reasons[reason] = reasons.get(reason, 0) + 1
        if failed > len(refused):
            reasons["refused"] = failed - len(refused)
        return BatchResult(
            accepted=rows - failed, rejected=failed, reasons=reasons, refused=tuple(refused.items())
        )

    def describe(self, audience: Audience) -> dict[str, Any]:
        """Return how many profiles are on the list."""
        query = {"additional-fields[list]": "profile_count"}
        told = self.read(self._ask("GET", f"/api/lists/{audience.id}", query=query)).part("data")
        return {"size": told.part("attributes").shown("profile_count")}

    def problem(self, answer: Answer) -> AudienceError | None:
        """Tell a revision that ended: it is answered with 410."""
        if answer.status == 410:
            return SetupError(
                f"Klaviyo has retired the revision {API_VERSION}.",
                self.told(answer),
                "Update Audience Relay: platforms/klaviyo/version.py.",
            )
        return super().problem(answer)


def _query_of(address: str, page: Told) -> dict[str, str]:
    """Return the query of the next page's address."""
    try:
        return dict(parse_qsl(urlsplit(address).query))
    except ValueError:
        raise page.doubt("links.next is no address") from None


UPLOADER = Uploader(
    pattern="single-step",
    base_url="https://a.klaviyo.com",
    secret_fields=(
        Field("api_key", "Private API key", "With full access to lists and profiles.",
              "https://developers.klaviyo.com/en/docs/authenticate_"),
    ),
    account="",
    make=KlaviyoClient,
    poll_seconds=15,
)  # fmt: skip
