"""What one preparation is asked to do: by the command line, an activation or a Spark job."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from audiences.errors import SetupError
from audiences.identity.batch import default_country
from audiences.preparation.consent import ConsentRule
from audiences.preparation.keys import audience_key, unfit
from audiences.preparation.refresh import today

Mode = Literal["add", "remove", "mirror"]
MODES = ("add", "remove", "mirror")


@dataclass(frozen=True, kw_only=True)
class Request:
    """One audience to prepare.

    platform, audience  slug, and the audience's name on the platform
    mode          add: send who is new; remove: take the segment out; mirror: make it equal
    identifiers   fields to send; empty: all that the platform takes and the file has
    country       default country of phones, states and postal codes, as anybody writes it; kept as ISO alpha-2
    consent       purposes, and the regions where a missing answer is a no
    minimum       people below which the audience is held back; 0: only warn
    fuse          mirror, and whole audiences: smallest share of the old audience the new one may be, 0 to 1
    run_id, activation  of the workflow, empty on the command line
    dry_run       write the plan, and no parts
    destination   what the delivery needs to know, e.g. an ad account: passed on
    planned_at    when the segment files were chosen, ISO 8601; empty on the command line
    home          folder of an audience that a former version keyed otherwise; empty: its key
    day           of the preparation, from 1970-01-01 in UTC: who is sent again depends on it
    """

    platform: str
    audience: str
    mode: Mode = "add"
    identifiers: tuple[str, ...] = ()
    country: str | None = None
    consent: ConsentRule = field(default_factory=ConsentRule)
    minimum: int = 0
    fuse: float = 0.5
    run_id: str = ""
    activation: str = ""
    dry_run: bool = False
    destination: dict[str, str] = field(default_factory=dict)
    planned_at: str = ""
    home: str = ""
    day: int = field(default_factory=today)

    def __post_init__(self) -> None:
        """Refuse what no preparation can mean."""
        if self.mode not in MODES:
            raise SetupError(f"There is no mode {self.mode!r}.", "", f"Use one of {', '.join(MODES)}.")
        if wrong := unfit(self.audience):
            raise SetupError(f"The audience's name {wrong}.")
        if not 0 <= self.fuse <= 1:
            raise SetupError(f"The fuse is {self.fuse}.", "It is a share of the old audience.", "Use 0 to 1.")
        object.__setattr__(self, "country", default_country(self.country))

    @property
    def key(self) -> str:
        """Return the folder of the audience: see `preparation.keys`."""
        return self.home or audience_key(self.audience)

    def as_json(self) -> dict[str, Any]:
        """Return the JSON form that travels to the Spark job."""
        consent = {
            "purposes": list(self.consent.purposes),
            "required_in": list(self.consent.required_in),
            "unreadable": self.consent.unreadable,
            "asked": self.consent.asked,
        }
        return {**self.__dict__, "identifiers": list(self.identifiers), "consent": consent}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Request:
        """Read the JSON form back."""
        told = value["consent"]
        consent = ConsentRule(
            tuple(told["purposes"]),
            tuple(told["required_in"]),
            told.get("unreadable", "refuse"),
            told.get("asked", False),
        )
        return cls(**{**value, "identifiers": tuple(value["identifiers"]), "consent": consent})
