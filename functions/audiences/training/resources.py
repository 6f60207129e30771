"""The kinds of Personalize resources, as data: what each is called, found by, compared on and waited for.

One generic describe-or-create (ensure.py) works on this table; a new kind is a new row.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of resource.

    title: as in events, e.g. `Batch Segment Job`. path: of its ARN. name_key: member holding the name.
    parent: key by which List is narrowed. must_match: members of an existing resource that have to equal
    what is wanted. waits_for_quota: whether LimitExceeded passes by itself (jobs in flight) or a human must
    act (how many may exist). of_this_run: made anew by each run, so that its events always belong to the run.
    """

    title: str
    path: str
    name_key: str = "name"
    parent: str | None = None
    must_match: tuple[str, ...] = ()
    waits_for_quota: bool = False
    of_this_run: bool = False
    has_status: bool = True

    @property
    def camel(self) -> str:
        """Return the name in operations, e.g. `BatchSegmentJob`."""
        return self.title.replace(" ", "")

    @property
    def member(self) -> str:
        """Return the name in answers, e.g. `batchSegmentJob`."""
        return self.camel[0].lower() + self.camel[1:]

    @property
    def arn_key(self) -> str:
        """Return the member which holds the ARN, e.g. `batchSegmentJobArn`."""
        return f"{self.member}Arn"

    @property
    def snake(self) -> str:
        """Return the name in boto3 methods, e.g. `batch_segment_job`."""
        return self.title.lower().replace(" ", "_")


KINDS: dict[str, Kind] = {
    kind.path: kind
    for kind in (
        Kind("Schema", "schema", must_match=("schema", "domain"), has_status=False),
        Kind("Dataset Group", "dataset-group", must_match=("domain", "kmsKeyArn")),
        Kind("Dataset", "dataset", parent="datasetGroupArn", must_match=("schemaArn",)),
        Kind(
            "Dataset Import Job",
            "dataset-import-job",
            name_key="jobName",
            parent="datasetArn",
            waits_for_quota=True,
            of_this_run=True,
        ),
        Kind(
            "Filter", "filter", parent="datasetGroupArn", must_match=("datasetGroupArn", "filterExpression")
        ),
        Kind(
            "Solution",
            "solution",
            parent="datasetGroupArn",
            must_match=("datasetGroupArn", "recipeArn", "eventType", "solutionConfig"),
        ),
        Kind(
            "Solution Version",
            "solution-version",
            parent="solutionArn",
            waits_for_quota=True,
            of_this_run=True,
        ),
        Kind(
            "Batch Segment Job",
            "batch-segment-job",
            name_key="jobName",
            parent="solutionVersionArn",
            waits_for_quota=True,
            of_this_run=True,
        ),
    )
}
