"""Finds the platforms by walking this folder: adding one means adding a folder, there is no list to keep."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from audiences.errors import SetupError
from audiences.platforms.base import Platform

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Platform", "discover", "find"]


def discover(paths: Iterable[str] | None = None, package: str = __name__) -> Mapping[str, Platform]:
    """Return every platform by slug, in the order of the folder names.

    SetupError, naming the folder and the fix, when a folder declares no `PLATFORM` or uses another's slug.
    """
    found: dict[str, Platform] = {}
    folders: dict[str, str] = {}
    for module in sorted(
        pkgutil.iter_modules(__path__ if paths is None else paths), key=lambda entry: entry.name
    ):
        if not module.ispkg:
            continue
        folder = f"platforms/{module.name}"
        platform = getattr(import_module(f"{package}.{module.name}"), "PLATFORM", None)
        if not isinstance(platform, Platform):
            raise SetupError(
                f"{folder}/__init__.py declares no platform.",
                "Each folder in platforms/ is one platform.",
                "Add PLATFORM = Platform(slug=…, …) there, as in platforms/snap/.",
            )
        if platform.slug in found:
            raise SetupError(
                f"{folder} and {folders[platform.slug]} both use the slug {platform.slug!r}.",
                "A slug names one platform in commands and S3 keys.",
                f"Set the slug in {folder}/__init__.py to {module.name!r}.",
            )
        found[platform.slug], folders[platform.slug] = platform, folder
    return MappingProxyType(found)


@cache
def _platforms() -> Mapping[str, Platform]:
    return discover()


def find(slug: str) -> Platform:
    """Return the platform of `slug`; SetupError lists the slugs there are."""
    try:
        return _platforms()[slug]
    except KeyError:
        raise SetupError(
            f"There is no platform {slug!r}.",
            f"There are: {', '.join(_platforms())}.",
            "Choose one of these.",
        ) from None
