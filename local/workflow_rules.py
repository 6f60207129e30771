"""What Step Functions refuses when a state machine is created and MiniStack takes: scopes, functions, sizes.

Rules are of AWS's developer guide, cited beside each. A definition refused here would have failed the deployment
of the stack on AWS.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
MOST_DEFINITION_BYTES = 1024 * 1024
MOST_STATE_BYTES = 256 * 1024  # input or output of a state, and one variable
MOST_VARIABLES_BYTES = 10 * 1024 * 1024  # of an execution
MOST_EVENTS = 25_000  # in the history of an execution
# https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html: "$eval is not supported"
_MISSING_FUNCTIONS = re.compile(r"\$eval\s*\(")
# https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html: a letter or "_" first, 80 at most
_VARIABLE = re.compile(r"[^\W\d]\w{0,79}")
_EXPRESSION = re.compile(r"\{%(.*)%\}", re.DOTALL)


def find_refusals(definition: str) -> list[str]:
    """List what AWS refuses about the definition, each with the state it is in; empty if there is nothing."""
    size = len(definition.encode())
    if size > MOST_DEFINITION_BYTES:
        return [f"the definition has {size:,} bytes, {MOST_DEFINITION_BYTES:,} at most"]
    try:
        machine = json.loads(definition)
    except ValueError as error:
        return [f"the definition is not JSON: {error}"]
    if not isinstance(machine, dict) or not isinstance(machine.get("States"), dict):
        return ["the definition has no States"]
    return [*_scopes(machine, set()), *_expressions(machine, "")]


def size_of(value: Any) -> int:
    """Return the bytes of a value as JSON in UTF-8."""
    return len(json.dumps(value, ensure_ascii=False, default=str).encode())


def too_large_variables(variables: Mapping[str, Any]) -> str:
    """Say which variable, or all of them, are too large for an execution; blank if none."""
    sizes = {name: size_of(value) for name, value in variables.items()}
    for name, size in sizes.items():
        if size > MOST_STATE_BYTES:
            return f"The variable {name} has {size:,} bytes, {MOST_STATE_BYTES:,} at most."
    total = sum(sizes.values())
    return (
        f"The variables have {total:,} bytes, {MOST_VARIABLES_BYTES:,} at most."
        if total > MOST_VARIABLES_BYTES
        else ""
    )


def assigned(state: Mapping[str, Any]) -> set[str]:
    """Return the variables that a state assigns, by itself, in its Choices or when it catches an error."""
    places = [state, *state.get("Choices", ()), *state.get("Catch", ())]
    return {name for place in places for name in place.get("Assign", ())}


def inner_machines(state: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what runs inside a Map or Parallel state, each a scope of its own."""
    found = [*state.get("Branches", ()), state.get("ItemProcessor") or state.get("Iterator")]
    return [machine for machine in found if machine]


def _scopes(machine: Mapping[str, Any], outer: set[str]) -> Iterator[str]:
    """Refuse a name that a scope around also assigns.

    "A variable assigned in an inner scope cannot have the same name as one assigned in an outer scope":
    https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html#variable-scope
    """
    here = set().union(*(assigned(state) for state in machine["States"].values()))
    for name, state in machine["States"].items():
        for variable in sorted(assigned(state) & outer):
            yield f"'{name}' assigns '{variable}', which a scope around it assigns, too"
        for variable in sorted(assigned(state)):
            if variable == "states" or not _VARIABLE.fullmatch(variable):
                yield f"'{name}' assigns '{variable}', which is no name for a variable"
        for inner in inner_machines(state):
            yield from _scopes(inner, outer | here)


def _expressions(node: Any, path: str) -> Iterator[str]:
    """Refuse functions of JSONata that AWS leaves out."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _expressions(value, f"{path}/{name}")
    elif isinstance(node, list):
        for position, value in enumerate(node):
            yield from _expressions(value, f"{path}/{position}")
    elif isinstance(node, str) and (found := _EXPRESSION.fullmatch(node.strip())):
        for call in _MISSING_FUNCTIONS.findall(found[1]):
            yield f"{path} calls {call.rstrip('( ')}, which Step Functions does not have"
