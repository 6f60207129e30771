"""The audience's name as a folder: one name, one folder, and nobody else's.

Everything the relay knows of an audience lies below its key: prepared files, receipts, and the ledger that
says whom the platform holds. Two names with one key would be one audience: its people would be sent to the
other's, and taken out of it as leavers. So the key keeps only what cannot be confused as it is, and carries
a digest of the whole name otherwise. It depends on the name alone, so that the command line, the workflow
and people find the same place.
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256

_READABLE = 48  # characters of a name before its digest: a key stays far below S3's 1,024 bytes
_LONGEST = 100  # characters of an activation's audience: schema.json
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._]*(?: [A-Za-z0-9._]+)*")
_UNREADABLE = ("Cc", "Cf", "Cs", "Zl", "Zp")  # general categories of Unicode
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # letters and marks that show nothing
_SELECTORS = re.compile(
    "[\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)  # choose between drawings of the letter before
_DIGEST = re.compile(r" [0-9a-f]{16}")  # a plain name that ends so would look like another name's key


def audience_key(name: str) -> str:
    """Return the folder of an audience: letters, digits, dots, dashes and underscores, at most 100.

    ASCII words with single blanks between them become themselves with dashes (`Action lovers` is
    `Action-lovers`). Every other name has 16 hexadecimal digits of its SHA-256 at the end, because dashes,
    other letters, or more blanks could have come from another name (`30+` is `30-` and a digest).
    """
    former = former_key(name)
    plain = _PLAIN.fullmatch(name) and len(name) <= _LONGEST and not _DIGEST.fullmatch(name[-17:])
    if plain and former == name.replace(" ", "-"):
        return former
    digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{former[:_READABLE]}-{digest}"


def former_key(name: str) -> str:
    """Return the folder that versions before this rule used, in which several names could meet."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "audience"


def unfit(name: str) -> str:
    """Return why nobody can read a name as it is, "" for a good one.

    Control characters, line ends, marks of writing direction, and what has no width: such a name looks like
    another one, in a mail it writes what it likes, and platforms refuse it or drop the character.
    https://www.unicode.org/reports/tr36/ (Unicode Security Considerations)
    """
    for place, letter in enumerate(name, 1):
        if (
            unicodedata.category(letter) in _UNREADABLE
            or letter in _FILLERS
            or ord(letter) & 0xFFFE == 0xFFFE
        ):
            called = unicodedata.name(letter, "a control character")
            return f"has U+{ord(letter):04X} ({called}) as character {place}: write the name without it"
    return "" if name.strip() else "must not be blank"


def look_alike(name: str) -> str:
    """Return what a person, or a platform that folds names, takes for the same name."""
    seen = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(_SELECTORS.sub("", seen).split())
