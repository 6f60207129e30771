"""What one ad or marketing platform is, as data: a new platform is a folder with one of these in it."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from audiences.errors import SetupError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from audiences.identity import Identifier


@dataclass(frozen=True, kw_only=True)
class Platform:
    """Declared as `PLATFORM` in `platforms/<slug>/__init__.py`.

    slug         the folder's name, used in commands, S3 keys and activations
    title        the name people know
    docs         address of the platform's audience documentation
    identifiers  field -> how the platform wants it; only the fields it has
    api_version  the version our requests name
    sunset       the day the platform ends that version, None when not announced
    """

    slug: str
    title: str
    docs: str
    identifiers: Mapping[str, Identifier]
    api_version: str
    sunset: date | None = None

    def __post_init__(self) -> None:
        """Make the mapping read-only, so that a declaration stays what its file says."""
        object.__setattr__(self, "identifiers", MappingProxyType(dict(self.identifiers)))

    def identifier(self, field: str) -> Identifier:
        """Return the rule for `field`; SetupError lists the fields there are."""
        try:
            return self.identifiers[field]
        except KeyError:
            raise SetupError(
                f"{self.title} has no field {field!r}.",
                f"It has: {', '.join(self.identifiers)}.",
                "Choose one of these.",
            ) from None
