"""`python -m local.scaffold_platform SLUG` begins an ad platform: a working client and stand-in to change.

What it writes passes the contract tests, and CI replays that, so the way to a new platform is never broken
unnoticed.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from string import Template

_ROOT = Path(__file__).parent.parent
_TEMPLATES = Path(__file__).parent / "scaffold"
_FILES = {
    "init.py.txt": "__init__.py",
    "version.py.txt": "version.py",
    "shape.py.txt": "shape.py",
    "payload.py.txt": "payload.py",
    "client.py.txt": "client.py",
    "readme.md.txt": "README.md",
}


def scaffold(slug: str, root: Path = _ROOT) -> list[Path]:
    """Write the platform's folder, its stand-in, and its line in the registry. Returns what was written.

    ValueError for a slug that is no name, or is taken.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,39}", slug):
        raise ValueError(f"{slug!r} is no slug. Use small letters, digits and underscores, e.g. example_ads.")
    folder = root / "functions/audiences/platforms" / slug
    stand_in = root / "local/platforms" / f"{slug}.py"
    if folder.exists() or stand_in.exists():
        raise ValueError(f"There is a platform {slug!r} already. Change its files, or choose another slug.")
    words = slug.split("_")
    names = {
        "slug": slug,
        "Title": " ".join(map(str.capitalize, words)),
        "Class": "".join(map(str.capitalize, words)),
    }
    folder.mkdir()
    targets = {source: folder / name for source, name in _FILES.items()} | {"stand_in.py.txt": stand_in}
    for source, target in targets.items():
        target.write_text(Template((_TEMPLATES / source).read_text()).substitute(names))
    return [*targets.values(), _register(root, slug, names["Class"])]


def _register(root: Path, slug: str, name: str) -> Path:
    path = root / "local/platforms/registry.py"
    text = path.read_text()
    imports = sorted([*re.findall(r"^from local\.platforms\.\w+ import \w+$", text, re.MULTILINE),
                      f"from local.platforms.{slug} import {name}"])  # fmt: skip
    first = text.index("from local.platforms.")
    rest = text.index("\n\nSTAND_INS")
    text = text[:first] + "\n".join(imports) + text[rest:]
    path.write_text(re.sub(r"\n\)\s*\Z", f"\n    {name},\n)\n", text))
    return path


def main() -> int:
    """Scaffold argv's slug."""
    parser = argparse.ArgumentParser(prog="python -m local.scaffold_platform", description=__doc__)
    parser.add_argument("slug", help="the new folder's name, e.g. example_ads")
    arguments = parser.parse_args()
    try:
        written = scaffold(arguments.slug)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for path in written:
        sys.stdout.write(f"{path.relative_to(_ROOT)}\n")
    sys.stdout.write(f"Now: python -m pytest tests/contract/test_platforms.py -k {arguments.slug}\n")
    sys.stdout.write("Then change it, file by file: docs/how-to/add-a-platform.md\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
