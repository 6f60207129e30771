"""Names of files on an SFTP server: the same whenever a batch is sent, so a repeat overwrites itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audiences.delivery.model import BatchResult
from audiences.errors import SetupError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from audiences.delivery.model import Batch, Prepared

MOST_PATHS = 10  # of StartFileTransfer: https://docs.aws.amazon.com/transfer/latest/APIReference/API_StartFileTransfer.html


def remote_name(prepared: Prepared, batch: Batch, *, whole: bool) -> str:
    """Return `<audience>_<run>.csv` for a whole list in one file, else with operation and number in it."""
    stem = f"{prepared.key}_{prepared.run}"
    return f"{stem}.csv" if whole and batch.of == 1 else f"{stem}_{batch.operation}_{batch.number:05d}.csv"


def remote_folder(pattern: str, prepared: Prepared) -> str:
    """Return the folder on the server: the activation's `directory`, else `pattern` with its {audience}.

    SetupError for a pattern that is no absolute path.
    """
    folder = prepared.destination.get("directory") or pattern.replace("{audience}", prepared.key)
    if not folder.startswith("/") or ".." in folder.split("/"):
        raise SetupError(
            f"{folder!r} is no folder of an SFTP server.",
            "It must be an absolute path.",
            "Correct RemoteDirectory, or `directory` in the activation's destinations.",
        )
    return folder.rstrip("/") or "/"


def read_results(
    results: Sequence[Mapping[str, Any]], rows: Mapping[str, int]
) -> tuple[dict[str, BatchResult], SetupError | None]:
    """Return what arrived by file name, and an error when something did not. rows: of each file sent."""
    arrived: dict[str, BatchResult] = {}
    lost: list[str] = []
    for result in results:
        name = str(result["FilePath"]).rpartition("/")[2]
        if result["StatusCode"] == "COMPLETED" and name in rows:
            arrived[name] = BatchResult(accepted=rows[name], told={"file": name})
        elif name in rows:
            lost.append(f"{name}: {result.get('FailureCode') or result['StatusCode']}")
    lost += [f"{name}: not heard of" for name in rows if name not in arrived and not _is_named(name, lost)]
    if not lost:
        return arrived, None
    return arrived, SetupError(
        f"The SFTP server did not take {len(lost)} of {len(rows)} files.",
        "; ".join(lost[:3]),
        "Check folder, credentials and host key: aws transfer test-connection. Then announce the manifest again.",
    )


def _is_named(name: str, lost: Sequence[str]) -> bool:
    return any(text.startswith(f"{name}:") for text in lost)
