"""Which columns of the customers' files go to a platform, and what is said of all people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audiences.errors import SetupError
from audiences.identity.identifier import MOBILE_IDS, columns_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from audiences.identity import Identifier
    from audiences.preparation.request import Request
    from audiences.preparation.shape import Shape

# Columns that say how a person's data may be used. Platforms without a place for one say so in the summary.
SIGNALS = frozenset({"limited_data_use", "tcf_string", "gpp_string"})


def choose_fields(
    request: Request, identifiers: Mapping[str, Identifier], shape: Shape, available: Collection[str]
) -> tuple[str, ...]:
    """Return the fields to send, in the platform's order. SetupError for one it does not take."""
    for name in request.identifiers:
        if name not in shape.names or name not in identifiers:
            raise SetupError(
                f"{request.platform} takes no field {name!r} in an audience.",
                f"It takes {', '.join(shape.names)}.",
                "Correct `identifiers`.",
            )
    said = said_for_all(request, shape)
    signals = {
        name
        for name in shape.signals
        if name in said or not set(available).isdisjoint(columns_of(name, identifiers[name]))
    }
    if request.identifiers:
        return tuple(name for name in identifiers if name in request.identifiers or name in signals)
    have = set(available) | ({"country"} if request.country else set())
    fields = {
        name
        for name in shape.names
        if name in identifiers and have.intersection(columns_of(name, identifiers[name]))
    } | signals
    return tuple(
        name for name in identifiers if name in fields and fields.issuperset(identifiers[name].required_with)
    )


def other_kinds(
    identifiers: Mapping[str, Identifier], shape: Shape, available: Collection[str]
) -> tuple[str, ...]:
    """Return the columns of mobile ids that the platform does not take, where it takes another kind."""
    taken = columns_of("maid", identifiers["maid"]) if "maid" in shape.names else MOBILE_IDS
    return tuple(name for name in MOBILE_IDS if name in available and name not in taken)


def said_for_all(request: Request, shape: Shape) -> dict[str, str]:
    """Return what the activation says of everybody's data: signal -> value. SetupError for an unknown word."""
    found = {}
    for name, words in shape.privacy.items():
        word = request.destination.get(name)
        if word is not None and word not in words:
            raise SetupError(
                f"{name} is none of the words that {request.platform} knows.",
                "How people's data may be used must not be a guess.",
                f"Use one of {', '.join(words)}.",
            )
        if word is not None and name in shape.signals:
            found[name] = words[word]
    return found


def needed_columns(
    identifiers: Mapping[str, Identifier],
    fields: Collection[str],
    available: Collection[str],
    request: Request,
    compared: Collection[str],
) -> set[str]:
    """Return the columns a classification reads, so that nothing else is carried along."""
    needed = {*fields, *compared, *request.consent.columns()}
    for name in fields:
        needed.update(columns_of(name, identifiers[name]))
    return needed & set(available)
