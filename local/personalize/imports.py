"""Dataset import jobs: the files a location means, read into one table that satisfies AWS's minimums."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from local.personalize.errors import JobFailed
from local.personalize.s3_files import access, find_files, parse_location, read_lines
from local.personalize.tables import Table, TableReader

if TYPE_CHECKING:
    from local.cloud import Cloud
    from local.personalize.schemas import Schema

# A FULL import of interactions has at least 1,000 records: limits.html of the developer guide.
LEAST_INTERACTIONS = 1_000


@dataclass
class Imported:
    """What a dataset holds. Segments are made from `full` alone; `incremental` waits for nobody.

    "it uses only bulk data that you imported with an import mode of FULL":
    https://docs.aws.amazon.com/personalize/latest/dg/getting-user-segments.html
    """

    full: Table | None = None
    incremental: list[Table] = field(default_factory=list)
    version: int = 0  #: grows with every import, so that retraining knows of news

    def take(self, table: Table, mode: str) -> None:
        """Replace all bulk data (FULL) or add to it (INCREMENTAL)."""
        if mode == "FULL":
            self.full, self.incremental = table, []
        else:
            self.incremental.append(table)
        self.version += 1


def import_table(
    cloud: Cloud, role_arn: str, location: str, *, schema: Schema, dataset_type: str, mode: str
) -> Table:
    """Read all files of a location. Raises JobFailed with what AWS would give as `failureReason`."""
    kind = dataset_type.capitalize()
    try:
        place = parse_location(location)
        reader = TableReader(schema)
        with access(cloud, role_arn) as s3:
            for key in find_files(s3, place, deep=False):
                reader.read(key, read_lines(s3, place.bucket, key))
        if reader.rows == 0:
            raise JobFailed("Input CSV has no records.")  # gets the common beginning below
        if dataset_type == "INTERACTIONS" and mode == "FULL" and reader.rows < LEAST_INTERACTIONS:
            raise JobFailed(  # gets the common beginning below
                f"The dataset has {reader.rows} interactions; at least {LEAST_INTERACTIONS} are required."
            )
    except (JobFailed, ValueError) as error:
        raise JobFailed(f"Failed to create a data import job for {kind} dataset. {error}") from error
    return reader.table()
