"""What can happen to a delivery, and which platforms it can happen to: the tests' list and a page's.

Source: the platforms' pages and clients, each cited in `functions/audiences/platforms/<slug>/` and
`local/platforms/<slug>.py`. A scenario applies to every platform that `Scenario.absent` does not name with a
reason. `each` turns a row into test cases; tests/contract/test_scenarios.py refuses a row without any.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from audiences.delivery import uploaders

from local.platforms.registry import STAND_INS

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE = Path(__file__).parents[2] / "docs/reference/delivery-scenarios.md"
STAND_IN_OF = {kind.slug: kind for kind in STAND_INS}
PLATFORMS = tuple(sorted(uploaders()))
GROUPS = {
    "api": tuple(slug for slug in PLATFORMS if uploaders()[slug].pattern != "managed"),
    "sftp": ("liveramp", "salesforce_marketing_cloud"),
    "appflow": ("salesforce",),
}

# Platforms of which every row was thought about. A new one belongs here, with its reasons, when that is done.
REVIEWED = frozenset({
    "amazon", "google", "klaviyo", "linkedin", "liveramp", "meta", "microsoft", "pinterest", "salesforce",
    "salesforce_marketing_cloud", "snap", "the_trade_desk", "tiktok",
})  # fmt: skip

_SFTP = "No API: AWS Transfer Family puts a file on an SFTP server."
_FLOW = "Amazon AppFlow calls Salesforce, with waits, repeats and tokens of its own."
_MANAGED = {"liveramp": _SFTP, "salesforce_marketing_cloud": _SFTP, "salesforce": _FLOW}
_OAUTH = ("amazon", "google", "linkedin", "microsoft", "pinterest", "snap")
_STATIC = ("klaviyo", "meta", "the_trade_desk", "tiktok")
_ASYNC = ("amazon", "google", "klaviyo", "pinterest", "the_trade_desk", "tiktok")
_STAYS = "Who is in it stays until taken out."
_NO_ROWS = "Its pages state no number of rows for {}."
_DROP = "`FailedLines` are the Data API's, which is not used: a drop's status counts its invalid rows."


def _but(*slugs: str, reason: str, **more: str) -> dict[str, str]:
    """Return the reason for every platform with an API that is not named; `more` has reasons of its own."""
    managed = {slug: why for slug, why in _MANAGED.items() if slug not in slugs}
    return {**dict.fromkeys(set(GROUPS["api"]) - set(slugs), reason), **managed, **more}


@dataclass(frozen=True)
class Scenario:
    """title: what happens, and what we do then; trouble: its name in local/platforms/trouble.py."""

    title: str
    absent: Mapping[str, str] = field(default_factory=dict)
    trouble: str = ""

    def applies_to(self, slug: str) -> bool:
        """Tell whether it can happen there."""
        return not self.reason(slug)

    def reason(self, slug: str) -> str:
        """Return why it cannot happen there, "" when it can."""
        if slug in self.absent or slug in REVIEWED:
            return self.absent.get(slug, "")
        begun = self.trouble and self.trouble not in STAND_IN_OF[slug].scenarios
        return "Its stand-in does not make it yet." if begun else ""


SCENARIOS: dict[str, Scenario] = {
    # What is asked for
    "add": Scenario("People are added: they are there under the platform's own hash, once"),
    "remove": Scenario(
        "People are removed, the others stay",
        {"liveramp": "Every file is the whole audience: a mirror without them takes them out."},
    ),
    "replace": Scenario("A mirror: the audience equals the segment afterwards"),
    "deleted_audience": Scenario(
        "Somebody deleted the audience at the platform and its note here: everybody is sent to a new one",
        _MANAGED,
    ),
    "duplicates": Scenario("The segment names people twice, and two customers share an address: each id is sent once"),
    "empty": Scenario("Nothing to send: nothing is sent"),
    "over_rows": Scenario("One person more than a request takes: two requests, none of them above the limit"),
    "over_bytes": Scenario("One byte more than a request takes: two requests, none of them above the limit"),
    "refused_rows": Scenario(
        "The platform refuses a request with one row above its limit, and takes a full one",
        {
            **_MANAGED,
            "pinterest": _NO_ROWS.format("a list"),
            "the_trade_desk": _NO_ROWS.format("a drop"),
            "tiktok": _NO_ROWS.format("a file"),
        },
    ),
    "refused_bytes": Scenario(
        "The platform refuses a request with one byte above its limit, and takes a full one",
        _but(
            "klaviyo",
            "tiktok",
            reason="Its pages state no number of bytes.",
            the_trade_desk="2.5 MB are the Data API's limit, which is not used; a drop has none stated.",
        ),
    ),
    "consent_denied": Scenario("Somebody said no: not sent, and taken out where the platform has them"),
    "consent_missing": Scenario(
        "Somebody in the EEA was not asked: not sent",
        {
            slug: "Its API asks for no consent; an activation may demand it with `consent.required_in`."
            for slug in PLATFORMS
            if slug not in ("google", "amazon")
        },
    ),
    "below_minimum": Scenario(
        "Fewer people than the platform needs: a warning, or nothing is prepared where `minimum` says so",
        {
            "klaviyo": "A list may hold one person.",
            "salesforce": "An object may hold one record.",
            "salesforce_marketing_cloud": "A data extension may hold one row.",
        },
    ),
    "held_back": Scenario(
        "Minimum or fuse holds an audience back: who opted out or withdrew consent is taken out all the same, the "
        "others stay as they are, and the ledger says what the platform holds"
    ),
    "removal_refused": Scenario(
        "The platform refuses to take people out: told as partial, kept in the ledger, and the next run tries again",
        _MANAGED,
    ),
    "lost_ledger": Scenario(
        "Somebody deleted, emptied, changed or mixed up the ledger: a copy of the last list is used; without "
        "one the audience is replaced, or a person is asked to begin anew, and the fuse counts from the last delivery"
    ),
    # What goes wrong for a while
    "rate_limited": Scenario(
        "Too many requests, with the time to wait in the platform's own form: waited out",
        {
            **_MANAGED,
            "linkedin": "It answers 429 without a wait: no `Retry-After`, no reset.",
            "tiktok": "It answers code 40100 without a wait.",
        },
        "rate_limited",
    ),
    "rate_limited_bare": Scenario("Too many requests, without a word on how long", _MANAGED, "rate_limited_bare"),
    "server_error": Scenario("The platform's own failure: tried again, later when it lasts", _MANAGED, "server_error"),
    "cut_before": Scenario("The connection is cut before the request arrived: sent again", _MANAGED, "cut_before"),
    "cut": Scenario(
        "An answer is lost after the request was carried out, at any point: sent again, nobody lost or doubled",
        trouble="cut",
    ),
    "cut_at_creation": Scenario(
        "The answer to making the audience is lost: found again, not made twice",
        {
            **dict.fromkeys(_MANAGED, "No audience is made there: its name is in the file."),
            "amazon": "Its API lists no audiences to find it in: one without members stays behind.",
        },
    ),
    "not_ready": Scenario(
        "The audience is not there or not settled yet: waited for, or told in the receipt",
        _but(
            "linkedin",
            "meta",
            "snap",
            "tiktok",
            reason="An audience takes uploads as soon as it is made.",
            amazon="Nothing says that records must wait, and the client does not read back what it made.",
        ),
        "not_ready",
    ),
    "async_slow": Scenario(
        "The platform works on a batch for long: asked until it has ended",
        {
            **_but(*_ASYNC, reason="A batch's answer is its last word."),
            "snap": "An upload's answer is its last word; its progress is told in the receipt.",
            "liveramp": "The workflow waits for a transfer: tests/workflow/uploads.",
            "salesforce_marketing_cloud": "The workflow waits for a transfer: tests/workflow/uploads.",
            "salesforce": "The workflow waits for a flow: tests/workflow/uploads.",
        },
        "async_slow",
    ),
    "refreshed": Scenario(
        "Membership runs out: who stays is sent again before the platform forgets, some in each run",
        {
            **dict.fromkeys(("klaviyo", "linkedin", "meta", "pinterest"), _STAYS),
            **dict.fromkeys(("salesforce", "salesforce_marketing_cloud"), _STAYS),
            "liveramp": "Every file is the whole audience.",
            "microsoft": f"{_STAYS} With `membership_days` in the destination it does: test_refreshed.py.",
            "snap": f"{_STAYS} With `retention_days` in the destination it does: test_refreshed.py.",
        },
    ),
    # What is refused
    "row_rejects": Scenario(
        "Rows are refused one by one: counted with their reasons, the rest is taken, tried again next time",
        {
            "amazon": "Records are judged by the job: async_partial.",
            "google": "A malformed member refuses the request; other members are judged later: async_partial.",
            "klaviyo": "Profiles are judged by the job: async_partial.",
            "pinterest": "Records are counted when the list is ready: async_partial.",
            "snap": "No errors by row: one value that is no hash refuses the request.",
            "the_trade_desk": _DROP,
            "tiktok": "Ids are counted when the file is read: async_partial.",
            "liveramp": _SFTP,
            "salesforce_marketing_cloud": _SFTP,
        },
        "row_rejects",
    ),
    "error_in_success": Scenario(
        "HTTP 200 that carries an error: no success",
        _but(
            "linkedin",
            "meta",
            "microsoft",
            "tiktok",
            reason="Errors have a status of their own.",
            the_trade_desk=_DROP,
        ),
    ),
    "async_partial": Scenario(
        "A job takes a part: the rest is counted, and tried again where it is named",
        {
            **_but(*_ASYNC, "salesforce_marketing_cloud", reason="It has no jobs."),
            "liveramp": "One file: it arrives or it does not.",
            "salesforce": "Records are refused one by one: row_rejects.",
        },
        "async_partial",
    ),
    "async_failed": Scenario(
        "A job fails as a whole: nobody is thought to be there, and all are sent next time",
        {
            **_but(*_ASYNC, reason="It has no jobs."),
            "pinterest": "Its specification has no word for a list that failed: async_stuck.",
            "liveramp": "A file that does not arrive: file_lost.",
            "salesforce_marketing_cloud": "A file that does not arrive: file_lost.",
            "salesforce": "A run that fails: flow_error.",
        },
        "async_failed",
    ),
    "async_stuck": Scenario(
        "A job never ends: a person is asked, in bounded time",
        dict.fromkeys(set(GROUPS["api"]) - set(_ASYNC), "It has no jobs."),
        "async_stuck",
    ),
    "interrupted": Scenario(
        "A delivery breaks off at any point and goes on the next morning: what a dead session had goes again",
        {
            "liveramp": "Files have no sessions: those that did not arrive are sent again, as in file_lost.",
            "salesforce_marketing_cloud": "The same: file_lost.",
            "salesforce": "A flow's run has no sessions: one that failed runs again, as in flow_error.",
        },
    ),
    "drop_url_expired": Scenario(
        "The address to upload to has expired: another one, the same bytes",
        _but("the_trade_desk", reason="It hands out no address to upload to that expires."),
        "drop_url_expired",
    ),
    # What a person must do
    "token_renewed": Scenario(
        "The token ends in the middle: renewed, and the same session goes on",
        {**dict.fromkeys(_STATIC, "Its token is a person's and does not renew."), **_MANAGED},
    ),
    "token_replaced": Scenario(
        "The token ends in the middle and a person makes another: the same session goes on",
        {**dict.fromkeys(_OAUTH, "Its token renews itself."), **_MANAGED},
    ),
    "refresh_fails": Scenario(
        "The token cannot be renewed for good: a person is told, and the delivery goes on afterwards",
        {**dict.fromkeys(_STATIC, "Its token is a person's and does not renew."), **_MANAGED},
        "refresh_fails",
    ),
    "forbidden": Scenario("The permission is missing: a person is told", _MANAGED, "forbidden"),
    "sunset": Scenario("The version of the API has ended: a person is told", _MANAGED, "sunset"),
    "terms": Scenario(
        "The terms of customer lists are not accepted: a person is told which",
        {
            **_MANAGED,
            "linkedin": "A programme one is admitted to, not terms to accept: forbidden.",
            "klaviyo": "The lists are the advertiser's own: there are no such terms.",
        },
        "terms_not_accepted",
    ),
    "flagged": Scenario(
        "The audience is flagged for its name: a person is told, nothing is tried again",
        _but("meta", reason="It does not flag audiences by their names."),
        "flagged",
    ),
    # What services of AWS can meet on the way
    "file_lost": Scenario(
        "A file does not arrive: a person is told, and it alone is sent again",
        {slug: "Nothing goes by SFTP." for slug in PLATFORMS if slug not in GROUPS["sftp"]},
    ),
    "login_refused": Scenario(
        "The SFTP server refuses user or password: a person is told, without either",
        {slug: "Nothing goes by SFTP." for slug in PLATFORMS if slug not in GROUPS["sftp"]},
    ),
    "host_key": Scenario(
        "The SFTP server has a key that nobody trusts: nothing is sent",
        {slug: "Nothing goes by SFTP." for slug in PLATFORMS if slug not in GROUPS["sftp"]},
    ),
    "flow_error": Scenario(
        "A flow's run fails as a whole: a person is told AppFlow's reason",
        {slug: "Nothing goes through AppFlow." for slug in PLATFORMS if slug != "salesforce"},
    ),
}  # fmt: skip

# Troubles that a stand-in can make and our client does not meet by that name: the cell's reason says why.
NOT_MET = {
    ("amazon", "not_ready"),
    ("pinterest", "async_failed"),
    ("snap", "async_slow"),
    ("the_trade_desk", "row_rejects"),
}


def each(name: str, *groups: str) -> pytest.MarkDecorator:
    """Run a test for every platform that the scenario applies to, of these groups (`api` unless told).

    Its first argument is `world`; for `sftp` and `appflow` it is `managed`.
    """
    asked = groups or ("api",)
    slugs = [slug for group in asked for slug in GROUPS[group] if SCENARIOS[name].applies_to(slug)]
    if not slugs:
        raise ValueError(f"{name} applies to no platform of {', '.join(asked)}")
    return pytest.mark.parametrize("world" if asked == ("api",) else "managed", slugs, indirect=True)


def page() -> str:
    """Return docs/reference/delivery-scenarios.md: who meets what, and why the others do not."""
    heads = [slug.replace("_", " ") for slug in PLATFORMS]
    text = (
        "# What can happen to a delivery\n\n"
        "Every scenario that applies to a platform (●) is a test that runs our engine and our client against "
        "the platform's\nstand-in, an SFTP server or a flow. Where one does not apply (·) the reason is "
        "below. The tests: `tests/contract/` and,\nfor files and flows, "
        "`tests/functional/audiences/uploads/test_managed.py`.\n\n"
        "This page is written from `tests/contract/scenarios.py`; after a change:\n"
        "`PYTHONPATH=functions:. python -m tests.contract.scenarios`.\n\n"
    )
    text += f"| scenario | {' | '.join(heads)} |\n|---|{':-:|' * len(heads)}\n"
    for name, one in SCENARIOS.items():
        cells = " | ".join("●" if one.applies_to(slug) else "·" for slug in PLATFORMS)
        text += f"| [{name}](#{name}) | {cells} |\n"
    for name, one in SCENARIOS.items():
        text += f"\n## {name}\n\n{one.title}.\n"
        reasons: dict[str, list[str]] = {}
        for slug in PLATFORMS:
            if not one.applies_to(slug):
                reasons.setdefault(one.reason(slug), []).append(slug)
        text += "\n| not for | because |\n|---|---|\n" if reasons else ""
        text += "".join(f"| {', '.join(slugs)} | {why} |\n" for why, slugs in reasons.items())
    return text


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
