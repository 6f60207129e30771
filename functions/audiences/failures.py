"""What happened, why, and what to do next: one form at every border, so that a mail can tell them apart.

An error crosses Lambda, Step Functions, AWS Glue and Spark as text, a queue as attributes, and a run record as
`{error, what, why, fix}`. The text has a line for each part, and two spaces before each further line of one:

    activations/meta.json has a problem.
    Why: line 3: the mode is unknown
      line 9: there is no audience
    Next: Correct the file and upload it again.

`from_text(to_text(…))` gives the parts back. What AWS says itself, a text cut short, and errors wrapped in
those of other workflows are read as far as they go.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from audiences.redact import redact

if TYPE_CHECKING:
    from collections.abc import Mapping

    Failure = dict[str, str]

OURS = ("SetupError", "RetryLater", "RecordRejected", "DataError")
_PARTS = ("what", "why", "fix")
_LABELS = {"why": "Why: ", "fix": "Next: "}
_INDENT = "  "
# Characters of "why" in a text, so that what comes after it is not cut off: a Cause has at most 32,768.
# https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
_LONGEST_WHY = 5_000
_LONGEST_ATTRIBUTE = 1_000  # characters: an SQS message has 256 KiB in all
_LONGEST_FOREIGN = 500  # characters of what AWS says
_DEEPEST = 5  # workflows started by workflows
_OWN = re.compile(rf"(?:^|[\s.;:])({'|'.join(OURS)}): ")
_CLASS = re.compile(r"\b([A-Za-z_]\w*(?:Error|Exception))\b")
_MEMBER = re.compile(r'"(errorMessage|errorType|ErrorMessage|JobRunState)"\s*:\s*"((?:[^"\\]|\\.)*)("?)')
_LOGS = "Open the execution in Step Functions and follow its log link, then start a new one with its input."
_REFUSAL = re.compile(r"AWS answered [\w.]{1,80} to \w{1,80}\.")  # edges/entry.py writes it
_UNQUOTED = "What it says is left out, because it may quote data."
_MEANING = {
    "States.Timeout": "It took longer than allowed.",
    "States.Permissions": "The workflow's role may not make this call.",
}


def to_text(what: str, why: str = "", fix: str = "") -> str:
    """Return the parts as text; a `why` of more than 5,000 characters ends with "…"."""
    if len(why) > _LONGEST_WHY:
        why = why[:_LONGEST_WHY] + "…"
    lines = [what, *(_LABELS[part] + text for part, text in (("why", why), ("fix", fix)) if text)]
    return "\n".join(line.replace("\n", f"\n{_INDENT}") for line in lines)


def from_text(text: str) -> Failure:
    """Return `{what, why, fix}`; a line that belongs to no part ends the text, as in a stack trace."""
    first, *others = text.split("\n")
    parts, part = {"what": first, "why": "", "fix": ""}, "what"
    for line in others:
        began = next((name for name, label in _LABELS.items() if line.startswith(label)), "")
        if began:
            part, parts[began] = began, line[len(_LABELS[began]) :]
        elif line.startswith(_INDENT):
            parts[part] += "\n" + line[len(_INDENT) :]
        else:
            break
    return parts


def from_trace(text: str) -> Failure | None:
    """Return the failure of an error of ours in a stack trace or a log line, or None when there is none."""
    *_, found = (None, *_OWN.finditer(text))
    if found is None:
        return None
    told = from_text(text[found.end() :])
    if "\n" not in text[found.end() :]:  # AWS Glue may put a message into one line
        told["what"], *labelled = re.split(r"\s+(Why: |Next: )", told["what"])
        told |= {
            part: labelled[labelled.index(label) + 1] for part, label in _LABELS.items() if label in labelled
        }
    return {"error": found[1], **{part: told[part].strip() for part in _PARTS}}


def unexpected(name: str, fix: str = _LOGS) -> Failure:
    """Return the failure of an exception that is none of ours: its message may quote a row, so only its class."""
    return {"error": name, "what": f"A step failed unexpectedly with {name}.", "why": _UNQUOTED, "fix": fix}


def from_caught(caught: Mapping[str, Any], depth: int = 0) -> Failure:
    """Return the failure in a `$states.errorOutput`, i.e. `{Error, Cause}`, of whatever service."""
    error, cause = str(caught.get("Error") or "Unknown"), str(caught.get("Cause") or "")
    told = _object(cause)
    if "Cause" in told and depth < _DEEPEST:  # a workflow that this one started
        return from_caught({"Error": told.get("Error") or error, "Cause": told["Cause"]}, depth + 1)
    if "errorMessage" in told:  # a function
        return _of_function(str(told.get("errorType") or error), str(told["errorMessage"]))
    if "JobRunState" in told:  # a job of AWS Glue
        return _of_job(error, str(told.get("ErrorMessage") or ""))
    if error in OURS:
        return {"error": error, **from_text(cause or f"The step failed with {error}.")}
    why = _MEANING.get(error, cause[:_LONGEST_FOREIGN])
    return {"error": error, "what": f"AWS answered {error}.", "why": why, "fix": _LOGS}


def _of_function(name: str, message: str) -> Failure:
    if name in OURS and message:
        return {"error": name, **from_text(message)}
    told = unexpected(name)
    return {**told, "why": message} if _REFUSAL.fullmatch(message) else told


def _of_job(error: str, message: str) -> Failure:
    own = from_trace(message)
    if own is not None:
        return own
    classes = _CLASS.findall(message)
    if classes:
        return unexpected(classes[-1])
    why = message[:_LONGEST_FOREIGN]
    return {"error": error, "what": "The AWS Glue job failed.", "why": why, "fix": _LOGS}


def _object(cause: str) -> dict[str, Any]:
    """Return the JSON object in a Cause; of one cut short what can be read."""
    try:
        value = json.loads(cause)
    except ValueError:
        return _cut_object(cause)
    return value if isinstance(value, dict) else {}


def _cut_object(cause: str) -> dict[str, str]:
    if not cause.lstrip().startswith("{"):
        return {}
    found = {}
    for key, text, end in _MEMBER.findall(cause):
        if end or key.endswith("essage"):  # half a word for the kind is none
            found[key] = _unescaped(text)
    return found if "ErrorMessage" not in found else {"JobRunState": "", **found}


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:  # cut within an escape, or it holds a control character
        return text


def to_attributes(failure: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the failure as attributes of an SQS message: `Error`, `What`, `Why`, `Next`, the empty ones left out.

    SQS takes no control characters: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
    """
    names = {"Error": "error", "What": "what", "Why": "why", "Next": "fix"}
    texts = {
        name: re.sub(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", redact(failure[part]))[
            :_LONGEST_ATTRIBUTE
        ]
        for name, part in names.items()
    }
    return {name: {"DataType": "String", "StringValue": text} for name, text in texts.items() if text.strip()}
