"""What an activation asks for, as the requests it means: one for each platform."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from audiences.preparation.consent import DEFAULT_PURPOSES, ConsentRule, Unreadable
from audiences.preparation.request import Mode, Request
from audiences.preparation.shape import find_shape


@dataclass(frozen=True, kw_only=True)
class Activation:
    """A checked activation. `name` is the file's name without .json; the rest is schema.json's."""

    name: str
    segments: tuple[str, ...]
    platforms: tuple[str, ...]
    audience: str
    mode: Mode = "add"
    identifiers: tuple[str, ...] = ()
    country: str | None = None
    purposes: tuple[str, ...] | None = None
    required_in: tuple[str, ...] | None = None
    unreadable_consent: Unreadable = "refuse"
    minimum: int | None = None
    fuse: float = 0.5
    enabled: bool = True
    dry_run: bool = False
    destinations: dict[str, dict[str, str]] = field(default_factory=dict)
    privacy: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def from_json(cls, name: str, value: dict[str, Any]) -> Activation:
        """Read a value that `validate.check_activation` found no problem in."""
        consent = value.get("consent", {})
        required = consent.get("required_in")
        plain = {
            key: value[key]
            for key in ("country", "minimum", "fuse", "enabled", "dry_run", "mode")
            if key in value
        }
        return cls(
            name=name,
            segments=tuple(value["segments"]),
            platforms=tuple(value["platforms"]),
            audience=value["audience"],
            identifiers=tuple(value.get("identifiers", ())),
            purposes=tuple(consent["purposes"]) if "purposes" in consent else None,
            required_in=None if required is None else tuple(required),
            unreadable_consent=consent.get("unreadable_consent", "refuse"),
            destinations=value.get("destinations", {}),
            privacy=value.get("privacy", {}),
            **plain,
        )

    def matches(self, source: str, segment: str) -> bool:
        """Tell whether a segment is meant: `source` is its producer's folder, e.g. `personalize`."""
        return self.enabled and any(
            fnmatchcase(f"{source}/{segment}" if "/" in pattern else segment, pattern)
            for pattern in self.segments
        )

    def request(self, platform: str, run_id: str = "") -> Request:
        """Return the request for one of its platforms. Left out settings are the platform's own."""
        shape = find_shape(platform)
        required = self.required_in
        if required is None:
            required = shape.consent.required_in if shape.consent else ()
        return Request(
            platform=platform,
            audience=self.audience,
            mode=self.mode,
            identifiers=self.identifiers,
            country=self.country,
            consent=ConsentRule(
                DEFAULT_PURPOSES if self.purposes is None else self.purposes,
                required,
                self.unreadable_consent,
                asked=self.purposes is not None,
            ),
            minimum=shape.minimum if self.minimum is None else self.minimum,
            fuse=self.fuse,
            run_id=run_id,
            activation=self.name,
            dry_run=self.dry_run,
            destination={**self.destinations.get(platform, {}), **self.privacy.get(platform, {})},
        )
