"""Where the records of an audience lie: below its key, or where the rule of former versions put them.

Several names could have one folder then (`preparation.keys`). A ledger is only used for the name it was
written for: `audience.json` says whose it is, and where an older version wrote that, the receipts do.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from audiences.activations.work import Home
from audiences.edges.audience_files import list_objects
from audiences.edges.s3_files import read_json
from audiences.errors import DataError, SetupError
from audiences.preparation.keys import audience_key, former_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from audiences.activations.model import Activation


def find_homes(
    bucket: str, wanted: Iterable[Activation], activations: Collection[Activation], ledgers: Collection[str]
) -> tuple[dict[tuple[str, str], Home], list[SetupError]]:
    """Return the homes of `wanted` by (platform, activation), and why others have none.

    activations: all there are. ledgers: keys of all ledgers.
    """
    homes, wrong = {}, []
    for activation in wanted:
        for platform in activation.platforms:
            try:
                folder, note = find_home(bucket, platform, activation.audience)
            except SetupError as error:
                wrong.append(error)
                continue
            left = _left_behind(bucket, platform, activation, activations, ledgers)
            homes[platform, activation.name] = Home(folder, tuple(filter(None, (note, *left))))
    return homes, wrong


def _left_behind(
    bucket: str,
    platform: str,
    activation: Activation,
    activations: Collection[Activation],
    ledgers: Collection[str],
) -> list[str]:
    """Return what to say of audiences that the activation fed under another name and nobody feeds now."""
    fed = {
        rule(one.audience)
        for one in activations
        if platform in one.platforms
        for rule in (audience_key, former_key)
    }
    home = f"ledger/{platform}/"
    held = (key.removeprefix(home).removesuffix(".tsv.gz") for key in ledgers if key.startswith(home))
    notes = []
    for folder in sorted(set(held) - fed):
        name = _fed_by(bucket, platform, folder, activation.name)
        if name and name != activation.audience:
            notes.append(
                f"{activation.name} fed {name!r} before. That audience stays on {platform} with its people: "
                "who opts out is not taken back there any more. Give the activation its old name back, or delete "
                f"the audience at the platform and then {home}{folder}.tsv.gz here."
            )
    return notes


def find_home(bucket: str, platform: str, audience: str) -> tuple[str, str]:
    """Return the folder of an audience on a platform, and what a person should know about it, or "".

    SetupError when its own folder has the records of another name.
    """
    key, former = audience_key(audience), former_key(audience)
    if key == former:
        foreign = owners(bucket, platform, key) - {audience}
        if foreign:
            raise SetupError(
                f"deliveries/{platform}/{key}/ has the receipts of {_listed(foreign)}, not only of {audience!r}.",
                "Former versions kept these names in one folder; whom the platform holds in which is not known.",
                f"Give the audience {audience!r} another name. If it is the one that the folder is of, put "
                f'"name": "{audience}" into deliveries/{platform}/{key}/audience.json.',
            )
        return key, ""
    if _is_used(bucket, platform, key) or not _is_used(bucket, platform, former):
        return key, ""
    names = owners(bucket, platform, former)
    if names == {audience}:
        return former, ""
    if audience not in names:
        return key, ""
    return key, (
        f"{audience!r} shared deliveries/{platform}/{former}/ with {_listed(names - {audience})}. It begins a "
        "ledger of its own, so everybody is sent again: look at the platform whether its audience has people "
        "of the other, and delete it there if it does."
    )


def owners(bucket: str, platform: str, folder: str) -> set[str]:
    """Return the names of the audiences whose deliveries a folder has: one, if all is well; none if it is new."""
    home = f"deliveries/{platform}/{folder}/"
    known = _read(bucket, f"{home}audience.json")
    if known.get("name"):
        return {str(known["name"])}
    receipts = [
        item.key
        for item in list_objects(bucket, home)
        if item.key.count("/") == 3 and not item.key.endswith(("/audience.json", "/lease.json"))
    ]
    with ThreadPoolExecutor(8) as pool:
        return {
            str(one["audience"])
            for one in pool.map(lambda key: _read(bucket, key), receipts)
            if "audience" in one
        }


def _fed_by(bucket: str, platform: str, folder: str, activation: str) -> str:
    """Return the audience's name when an activation fed the folder's audience, else ""."""
    known = _read(bucket, f"deliveries/{platform}/{folder}/audience.json")
    return str(known.get("name", "")) if activation in known.get("activations", ()) else ""


def _is_used(bucket: str, platform: str, folder: str) -> bool:
    known = f"deliveries/{platform}/{folder}/audience.json"
    return bool(list_objects(bucket, f"ledger/{platform}/{folder}.tsv.gz") or list_objects(bucket, known))


def _read(bucket: str, key: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = read_json(f"s3://{bucket}/{key}")
    except DataError:
        return {}
    return found


def _listed(names: set[str]) -> str:
    return ", ".join(repr(name) for name in sorted(names))
