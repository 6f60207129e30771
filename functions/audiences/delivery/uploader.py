"""How a platform is delivered to, as data beside its client; found by walking `platforms/`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from audiences.errors import SetupError
from audiences.platforms import discover

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from audiences.delivery.client import Client, Http, Secret

Pattern = Literal["single-step", "multi-step", "managed"]
Replace = Literal["session", "first_batch", "clear_before", "clear_after", ""]


@dataclass(frozen=True)
class Field:
    """One entry of the platform's secret.

    docs: where a person finds it. required: nothing works without it.
    """

    name: str
    label: str
    description: str
    docs: str
    required: bool = True


@dataclass(frozen=True, kw_only=True)
class Uploader:
    """Declared as `UPLOADER` in `platforms/<slug>/client.py`.

    pattern     which stack delivers it
    base_url    of the API; the secret's `base_url` comes first (a stand-in, a regional host)
    hosts       where requests without credentials may go as well, `*` for anything: the token endpoint, and storage
                whose addresses the platform's answers name
    secret_fields  what the secret holds, in the order a person fills it in
    account     the setting that names the advertiser's account: another account is another audience
    settings    what an activation's destination may say; everything else there would say nothing
    make        builds the client from (http, secret, destination)
    parallel    requests at the same time; 1 keeps their order
    replace     how an audience that already had members is made equal to the list:
                session: every batch is sent as `replace`; first_batch: the first is `replace`, the others
                `add`; clear_before, clear_after: a `clear` step around the adds; "": it cannot, a warning
                says so
    session_minutes  after which the platform ends a session of `replace`; 0: it has no such end
    place_minutes  how long a place is used that was asked for: an address, an uploaded file
    validates   the platform has a dry run of its own: `Client.validate`
    poll_seconds   between two looks at a job; poll_hours: after which a job counts as stuck
    """

    pattern: Pattern
    base_url: str
    secret_fields: tuple[Field, ...]
    account: str
    make: Callable[[Http, Secret, Mapping[str, str]], Client]
    settings: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    parallel: int = 1
    replace: Replace = ""
    session_minutes: float = 0
    place_minutes: float = 60
    validates: bool = False
    poll_seconds: float = 60
    poll_hours: float = 48

    def all_hosts(self, secret: Secret) -> tuple[str, ...]:
        """Return the declared hosts, and that of the `token_url` which a person put into the secret."""
        told = urlsplit(secret.get("token_url") or "").hostname
        return (*self.hosts, told) if told else self.hosts


@cache
def uploaders() -> Mapping[str, Uploader]:
    """Return every platform's uploader by slug; platforms that cannot be delivered to yet are left out."""
    found = {slug: uploader for slug in discover() if (uploader := _load(slug)) is not None}
    return MappingProxyType(found)


def find_uploader(slug: str) -> Uploader:
    """Return one uploader; SetupError lists those there are."""
    found = uploaders().get(slug)
    if found is None:
        raise SetupError(
            f"Nothing delivers to {slug!r}.",
            f"There are uploaders for {', '.join(uploaders())}.",
            f"Add UPLOADER in platforms/{slug}/client.py, see docs/how-to/add-a-platform.md.",
        )
    return found


def _load(slug: str) -> Uploader | None:
    module = f"audiences.platforms.{slug}.client"
    try:
        loaded = import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        return None
    uploader = getattr(loaded, "UPLOADER", None)
    if not isinstance(uploader, Uploader):
        raise SetupError(
            f"platforms/{slug}/client.py declares no uploader.",
            "Its name says it delivers.",
            "Add UPLOADER = Uploader(…) there, as in platforms/meta/client.py.",
        )
    return uploader
