"""Prepares gathered records in the audience bucket: the manifest that appears starts their delivery."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from audiences.delivery.uploader import find_uploader
from audiences.edges.audience_files import list_objects, open_object, publish_folder
from audiences.edges.audience_homes import find_home
from audiences.edges.ledgers import find_base, with_base
from audiences.edges.list_memory import recall_lists, remember_lists
from audiences.errors import RetryLater, SetupError
from audiences.preparation.plan import Inputs
from audiences.preparation.prepare import prepare
from audiences.preparation.shape import find_shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audiences.delivery.records import Gathered


def prepare_records(bucket: str, platform: str, gathered: Gathered) -> tuple[str, list[str]]:
    """Prepare one group and publish it; returns the folder's URI and the manifest's warnings.

    A repeat of the same messages does nothing more. SetupError where another audience has the folder.
    """
    request = gathered.request(platform)
    _check_destination(platform, request.destination)
    home, note = find_home(bucket, platform, request.audience)
    request = replace(request, home=home)
    output = f"s3://{bucket}/prepared/{platform}/{request.key}/{gathered.run()}/"
    if list_objects(bucket, f"prepared/{platform}/{request.key}/{gathered.run()}/manifest.json"):
        return output, []
    base = find_base(bucket, request)
    inputs = Inputs(
        segments=[gathered.segment()],
        identities=[gathered.identities()],
        suppressions=[
            open_object(f"s3://{bucket}/{item.key}") for item in list_objects(bucket, "suppressions/")
        ],
        remembered=recall_lists(bucket, request),
        everybody=False,
    )
    with tempfile.TemporaryDirectory(prefix="records-") as name:
        folder = Path(name)
        made = prepare(request, with_base(inputs, base), folder)
        if find_base(bucket, request).sha256 != base.sha256:
            raise RetryLater("The ledger changed while records were compared with it.", "A delivery ended.")
        _say_base(folder / "manifest.json", base.sha256)
        publish_folder(folder, output)
        remember_lists(bucket, made)
    return output, [*made.warnings, *([note] if note else [])]


def _check_destination(platform: str, destination: Mapping[str, str]) -> None:
    """Refuse settings that nobody reads: people would go to the account in the secret, without a word."""
    known = {*find_uploader(platform).settings, *find_shape(platform).privacy}
    if set(destination) - known:
        raise SetupError(
            f"A message's destination has a setting that {platform} does not take.",
            f"It takes {', '.join(sorted(known)) or 'none'}.",
            "Correct the sender: docs/reference/activations.md has the settings.",
        )


def _say_base(path: Path, sha256: str) -> None:
    """Write into the manifest which list it was compared with."""
    value = json.loads(path.read_text())
    path.write_text(json.dumps({**value, "ledger": {"sha256_unpacked": sha256}}, indent=2) + "\n")
