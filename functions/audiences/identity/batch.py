"""Compile one platform's rule for one field into a function over a whole column.

The unit is a batch of rows because every caller has one (a CSV chunk, a Spark record batch, standard input).
Rejected rows are few, so they are kept apart, by row number, instead of beside every row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from audiences.errors import SetupError
from audiences.identity.blanks import BLANKS
from audiences.identity.digests import digest_all, looks_hashed, pass_through
from audiences.identity.emails import FastEmails
from audiences.identity.places import UNREADABLE, country_code
from audiences.identity.reasons import Unusable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from audiences.identity.identifier import Identifier
    from audiences.identity.steps import Step

    Normalise = Callable[[str, str | None], str]
    Countries = Sequence[str | None] | str | None

_SURROGATES = re.compile("[\ud800-\udfff]").search
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]").search
_SHORTEST_HASH = 32  # characters of a hexadecimal MD5
_EMAIL_STEPS = frozenset({"trim", "trim_also", "lower", "ascii_lower", "email_shape", "gmail_fold"})


@dataclass(frozen=True)
class Outcome:
    """One column, three ways; `normalised` and `digests` have the length of the column.

    digests is what is sent: None where the row is rejected. rejects maps row number to a key of `REASONS`.
    """

    normalised: list[str | None]
    digests: list[str | None]
    rejects: dict[int, str]


class Compiled(Protocol):
    """A field's rule, ready to run: `values` in, an Outcome of the same length out."""

    def __call__(self, values: Sequence[str | None], countries: Countries = None, /) -> Outcome:
        """Run over one column; `countries` as told by `compile_field`."""


def compile_field(identifier: Identifier, *, hashed: bool = False) -> Compiled:
    """Return `run(values, countries) -> Outcome` for a column.

    `countries` is one default country, or one per row (empty ones count as none); only phone, state and
    postal code look at it, and only they refuse a value because it cannot be read. `hashed` declares the
    column as hashed already: values are checked, rewritten into the platform's form and never hashed again.
    SetupError when the platform takes the field unhashed.
    """
    if hashed:
        return _compile_hashed(identifier)
    slow = _compile_steps(identifier)
    emails = _find_fast_emails(identifier, slow)
    normalise = emails.one if emails else slow
    kind = identifier.digest

    def run(values: Sequence[str | None], countries: Countries = None) -> Outcome:
        rejects: dict[int, str] = {}
        if emails:
            normalised = _run_emails(emails, values, rejects)
        elif countries is None or isinstance(countries, str):
            normalised = _run_one_country(normalise, values, default_country(countries), rejects)
        else:
            normalised = _run_by_country(normalise, values, countries, rejects)
        return Outcome(normalised, digest_all(kind, normalised), rejects)

    return run


def read_country(text: str | None) -> str | None:
    """Return ISO alpha-2 in upper case, None for none; Unusable("country_unknown") for anything else."""
    return country_code(text) if text and text.strip(BLANKS) else None


def default_country(text: str | None) -> str | None:
    """Return the country that somebody gave for a whole file, None for none given.

    SetupError for any other word, a blank one too: without it every national number would be refused.
    """
    if text is None:
        return None
    try:
        return country_code(text)
    except Unusable:
        raise SetupError(
            f"{text!r} is no country.",
            "It is the default country of phones, states and postal codes.",
            "Give its ISO 3166 code, e.g. US.",
        ) from None


class _Countries(dict["str | None", "str | None"]):
    """Remembers how each spelling of a country in the batch reads; it is for each step whether it needs one."""

    def __missing__(self, text: str | None) -> str | None:
        try:
            self[text] = read_country(text)
        except Unusable:
            self[text] = UNREADABLE
        return self[text]


def _run_emails(
    emails: FastEmails, values: Sequence[str | None], rejects: dict[int, str]
) -> list[str | None]:
    found = emails.many(values)
    if found is None:
        return _run_one_country(emails.one, values, None, rejects)
    normalised: list[str | None] = [*found]
    for row in [row for row, text in enumerate(found) if not text] if "" in found else ():
        value = values[row]
        if (
            value is None or value == ""
        ):  # most of what is refused; raising and catching costs as much as ten good ones
            normalised[row], rejects[row] = None, "missing" if value is None else "empty"
            continue
        try:
            normalised[row] = emails.slow(value, None)
        except (Unusable, AttributeError, TypeError) as error:
            normalised[row], rejects[row] = None, _explain(value, error)
    return normalised


def _run_one_country(
    normalise: Normalise, values: Sequence[str | None], country: str | None, rejects: dict[int, str]
) -> list[str | None]:
    normalised: list[str | None] = []
    append = normalised.append
    for value in values:
        try:
            append(normalise(value, country))  # type: ignore[arg-type]  # null raises, and is explained below
        except (Unusable, AttributeError, TypeError) as error:
            rejects[len(normalised)] = _explain(value, error)
            append(None)
    return normalised


def _run_by_country(
    normalise: Normalise,
    values: Sequence[str | None],
    countries: Sequence[str | None],
    rejects: dict[int, str],
) -> list[str | None]:
    known = _Countries()
    normalised: list[str | None] = []
    append = normalised.append
    for value, text in zip(values, countries, strict=True):
        try:
            append(normalise(value, known[text]))  # type: ignore[arg-type]  # as above
        except (Unusable, AttributeError, TypeError) as error:
            rejects[len(normalised)] = _explain(value, error)
            append(None)
    return normalised


def _explain(value: object, error: Exception) -> str:
    """Return the reason a person can act on best: a broken cell comes before what a step disliked."""
    if value is None or value != value:  # noqa: PLR0124 - NaN is how pandas writes null
        return "missing"
    if not isinstance(value, str):
        return "not_text"
    if not isinstance(error, Unusable):
        raise error
    text = value.strip(BLANKS)
    if not text:
        return "empty"
    if _SURROGATES(text):
        return "bad_encoding"
    if looks_hashed(text):
        return "already_hashed"
    return error.reason


def _find_fast_emails(identifier: Identifier, slow: Normalise) -> FastEmails | None:
    """Return the fast path if the field is an e-mail address; it never looks at the country."""
    names = {step.name for step in identifier.steps}
    if "email_shape" not in names or not _EMAIL_STEPS.issuperset(names):
        return None
    also = "".join(str(step.options[0]) for step in identifier.steps if step.name == "trim_also")
    return FastEmails(slow, also, _folding(identifier.steps))


def _compile_steps(identifier: Identifier) -> Normalise:
    applies = [step.apply for step in identifier.steps]
    if [step.name for step in identifier.steps] == ["e164"]:
        return applies[0]  # digits need no check of what is left; measured: a seventh of a phone's time
    hashes = identifier.digest != "none"

    def normalise(value: str, country: str | None) -> str:
        text = value
        if not value.isascii():
            if _SURROGATES(value):
                raise Unusable("bad_encoding")
            text = value.strip(BLANKS)
        for apply in applies:
            text = apply(text, country)
        if not text:
            raise Unusable("nothing_left")
        if not text.isprintable() and _CONTROLS(text):
            raise Unusable("control_character")
        if hashes and len(text) >= _SHORTEST_HASH and looks_hashed(value.strip(BLANKS)):
            raise Unusable("already_hashed")
        return text

    return normalise


def _folding(steps: Sequence[Step]) -> tuple[frozenset[str] | None, bool, bool] | None:
    return next((step.options for step in steps if step.name == "gmail_fold"), None)


def _compile_hashed(identifier: Identifier) -> Compiled:
    check = pass_through(identifier.digest)

    def run(values: Sequence[str | None], _countries: Countries = None) -> Outcome:
        rejects: dict[int, str] = {}
        digests: list[str | None] = []
        for value in values:
            try:
                digests.append(check(value))  # type: ignore[arg-type]  # null raises, and is explained below
            except (Unusable, AttributeError, TypeError) as error:
                reason = error.reason if isinstance(error, Unusable) else _explain(value, error)
                rejects[len(digests)] = reason
                digests.append(None)
        return Outcome(list(digests), digests, rejects)

    return run
