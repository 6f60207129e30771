"""The nouns of a delivery, so that engine, clients and stores speak of the same things."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from audiences.errors import DataError
from audiences.redact import masked_facts, their_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Operation = Literal["add", "remove", "replace", "clear"]
STAGE = "delivery"
STREAM = "stream-"  # runs of gathered single records
_NEEDED = (
    "platform",
    "audience",
    "audience_key",
    "mode",
    "counts",
    "removals",
    "audience_size",
    "parts",
    "files",
)


@dataclass(frozen=True)
class PartFile:
    """One prepared file.

    operation: add or remove; identifier: its kind where a file holds one kind, else None.
    """

    file: str
    operation: str
    identifier: str | None
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A `manifest.json`, as delivery needs it (docs/reference/manifest.md).

    run         folder of the preparation below the audience, unique in it
    run_id      of the run record; the folder's name when a person prepared by hand
    prepared_at when the manifest was stored, ISO 8601
    planned_at  when its segment files were chosen, ISO 8601; "" when the manifest does not say
    based_on    digest of the ledger it was compared with, "" for none, None when the manifest does not say
    held        a guard held the audience back: only people who said no are taken out of what there is
    """

    run: str
    run_id: str
    own_run: bool
    platform: str
    audience: str
    key: str
    mode: str
    prepared_at: str
    destination: Mapping[str, str]
    fields: tuple[str, ...]
    counts: Mapping[str, int]
    reject_reasons: Mapping[str, int]
    removals: Mapping[str, Any]
    before: int
    after: int
    parts: tuple[PartFile, ...]
    wanted_sha256: str
    based_on: str | None
    segments: tuple[str, ...] = ()
    activation: str = ""
    planned_at: str = ""
    held: bool = False

    @property
    def mirrors(self) -> bool:
        """Tell whether the wanted list is everybody who may be in the audience."""
        return self.mode == "mirror" and not self.held

    @property
    def name(self) -> str:
        """Return the name of its result in the run record: `<platform>/<audience>/<run>`."""
        return f"{self.platform}/{self.key}/{self.run}"

    @property
    def order(self) -> str:
        """Return what sorts preparations by age: a look at the bucket sees all that every earlier look saw.

        How long a preparation took says nothing: one that was planned first and ends last is the older one.
        S3's times have whole seconds, so the run decides between equal ones.
        """
        return f"{self.planned_at or self.prepared_at} {self.run}"

    @classmethod
    def from_json(cls, value: Any, *, run: str, prepared_at: str) -> Prepared:
        """Read a manifest. DataError when it is none."""
        missing = [name for name in _NEEDED if not isinstance(value, dict) or name not in value]
        if missing or value.get("dry_run"):
            raise DataError(
                f"manifest.json of {run} cannot be delivered.",
                "It is the plan of a dry run." if not missing else f"It lacks {', '.join(missing)}.",
                "Prepare the audience again.",
            )
        wanted = value["files"].get("wanted.tsv.gz", {})
        return cls(
            run=run,
            run_id=value.get("run_id") or run,
            own_run=not value.get("run_id") and not run.startswith(STREAM),  # a trickle sends no mails
            platform=value["platform"],
            audience=value["audience"],
            key=value["audience_key"],
            mode=value["mode"],
            prepared_at=prepared_at,
            destination=value.get("destination") or {},
            fields=tuple(value.get("fields") or ()),
            counts={name: int(number) for name, number in value["counts"].items()},
            reject_reasons=value.get("reject_reasons") or {},
            removals=value["removals"],
            before=int(value["audience_size"]["before"]),
            after=int(value["audience_size"]["after"]),
            parts=tuple(PartFile(**part) for part in value["parts"]),
            wanted_sha256=wanted.get("sha256_unpacked", ""),
            based_on=(value.get("ledger") or {}).get("sha256_unpacked", "") if "ledger" in value else None,
            segments=tuple(row["file"] for row in value.get("segments") or ()),
            activation=value.get("activation") or "",
            planned_at=value.get("planned_at") or "",
            held=bool(value.get("held")),
        )


@dataclass(frozen=True)
class Audience:
    """An audience on the platform. created: by this delivery, so it was empty."""

    id: str
    name: str
    created: bool = False
    info: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One request's worth of rows; `clear` has none.

    number, of   place among the batches of its operation, from 1
    key          32 hexadecimal digits, the same whenever this batch is sent
    session      positive number below 2**63, the same for all batches of its operation
    total_rows   rows of all batches of its operation
    started      when the delivery began, ISO 8601
    read         returns the part's bytes, checked against the manifest
    """

    number: int
    of: int
    operation: Operation
    identifier: str | None
    rows: int
    key: str
    session: int
    total_rows: int
    started: str
    read: Callable[[], bytes]
    file: str = ""

    @property
    def is_last(self) -> bool:
        """Tell whether no batch of its operation follows."""
        return self.number == self.of

    @property
    def entry(self) -> str:
        """Return its name in the journal."""
        return f"{self.operation}-{self.number:05d}"


@dataclass(frozen=True, kw_only=True)
class BatchResult:
    """What the platform said. accepted is not matched: whom it recognised it tells later, or never.

    accepted, rejected  rows; together the batch's rows
    reasons      reason -> rows, in the platform's words without personal data
    refused      (row from 0, reason) of the rejected rows the platform names one by one
    job          the platform's handle of work that goes on; "" when this is its last word
    audience_id  of an audience that this batch made
    told         what else is worth keeping, e.g. {"match_rate": "51-60 %"}; `warning`: a sentence for the mail
    """

    accepted: int
    rejected: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    refused: tuple[tuple[int, str], ...] = ()
    job: str = ""
    audience_id: str = ""
    told: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Mask what the platform says: journal, receipt, rejects and mail have it from here."""
        reasons: dict[str, int] = {}
        for reason, rows in self.reasons.items():
            masked = their_words(str(reason))
            reasons[masked] = reasons.get(masked, 0) + rows
        object.__setattr__(self, "reasons", reasons)
        object.__setattr__(self, "refused", tuple((at, their_words(str(why))) for at, why in self.refused))
        object.__setattr__(self, "told", masked_facts(self.told))

    def as_json(self) -> dict[str, Any]:
        """Return the form kept in the journal."""
        return {**asdict(self), "reasons": dict(self.reasons), "told": dict(self.told)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> BatchResult:
        """Read the journal's form."""
        known = {name: value[name] for name in cls.__dataclass_fields__ if name in value}
        return cls(**{**known, "refused": tuple((int(at), str(why)) for at, why in known.get("refused", ()))})


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a delivery ended; `receipt` is its JSON form as stored. status: succeeded | partial | skipped."""

    status: str
    receipt: Mapping[str, Any]
    repeated: bool = False
