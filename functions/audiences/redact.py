"""The masker: every word that leaves goes through it, because a person or a secret may be in it.

`redact` is for our own texts: it takes out what has the form of an e-mail address, a phone number, a digest, a
token or a signed address, also percent-encoded, and leaves account ids of AWS (twelve digits), ARNs, addresses in
S3, run ids, dates and counts. `their_words` is for what a platform or a service says, where a name or a user id has
no form: there only words of the trade stay (`api_words.py`), plain lower-case words, and short numbers.

Neither is a reason to put a value into a message: both are nets below that rule.
"""

from __future__ import annotations

import re
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from audiences.api_words import WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

GONE = "…"
_EMAIL = re.compile(
    r"[^\s@\"'<>(),;:=|&?/\\\[\]{}]+(?:@|\uff20)[^\s@\"'<>(),;:=|&?/\\\[\]{}]+[.\u3002\uff0e][^\W\d_][\w-]+"
)
_NAMED = r"[\w.-]*(?:token|secret|password|passwd|signature|credential|api_?key|assertion)"
_SECRETS = (
    re.compile(r"(?i)\b((?:bearer|basic|digest|token) +)(?=\S*[\d+/=_.-])[\w.~+/=-]{8,}"),
    re.compile(
        rf"(?i)((?:\b{_NAMED}|\bsig|\bcode|\bhash|\bAWSAccessKeyId)=[\"']?)(?!\d+\b)[^\s&\"',;}}]{{6,}}"
    ),
    re.compile(rf"(?i)([\"']{_NAMED}[\"']\s*:\s*[\"'])[^\"']{{4,}}"),
    re.compile(rf"(?i)(\b{_NAMED}:\s*)(?=\S*\d)[^\s&\"',;}}]{{8,}}"),
)
_TOKENS = re.compile(
    r"\beyJ[\w-]+\.[\w-]+\.?[\w-]*"  # JSON Web Token
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bya29\.[\w.-]+|\b1//[\w-]{20,}|\bEAA[A-Za-z0-9]{20,}|\b[ps]k_[A-Za-z0-9_]{16,}"
)
_HEX = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{56}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{96}|[0-9A-Fa-f]{128})(?![0-9A-Za-z])"
)
# MD5, SHA-1, SHA-256 and SHA-512 in base64, of either alphabet.
_BASE64 = re.compile(r"(?<![\w+/-])(?:[\w+/-]{22}==|[\w+/-]{27}=|[\w+/-]{43}=|[\w+/-]{86}==)(?![\w+/=-])")
# Texts that hold many digits and are nobody's: ARNs, places in S3, run ids, times, addresses of machines.
_KEPT = re.compile(
    r"arn:aws[\w-]*:[^\s\"'<>,;]+|s3://[^\s\"'<>,;]+|(?<!\d)\d{8}-\d{6}-[0-9a-f]{6}(?:-[0-9a-f]{6,})?"
    r"|(?<![\d+(])(?:19|20)\d\d-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)?(?![\d-])"
    r"|(?<![\w-])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![\w-])|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])"
)
_GAP = r"[ \u00a0().\-/\u2010-\u2015\u2212]"
_PHONES = (
    re.compile(rf"(?:\+|\uff0b)(?:{_GAP}{{0,2}}\d){{7,15}}(?!\d)"),
    re.compile(
        rf"(?<![\w.:/-])\(?0(?:{_GAP}{{0,2}}\d){{8,14}}(?![\w-])"
    ),  # with its trunk zero, or 00 and the country
    re.compile(r"(?<![\w.:/-])\(?[2-9]\d\d\)?[ .\-/]{1,2}\d{3}[ .\-]\d{4}(?![\w-])"),  # as in North America
    re.compile(r"(?<![\w.:,/-])\d{2,4}(?:[ \u00a0-]\d{2,4}){2,5}(?![\w,-])"),  # in groups
)
_ACCOUNT = re.compile(r"\d{12}")
_ENCODED = re.compile(r"\S*(?:%[0-9A-Fa-f]{2}|=[0-9A-F]{2}|\\u00[0-9a-f]{2}|&#x?[0-9A-Fa-f]+;)\S*")
_HIDDEN = (_EMAIL, _HEX, _BASE64, _TOKENS, _PHONES[0])
_DEEPEST = 3  # an address encoded, and encoded again


def redact(text: str) -> str:
    """Return `text` without what has the form of a person's data or of a secret."""
    return _redact(text) if text else text


@lru_cache(maxsize=4096)
def _redact(text: str) -> str:
    text = _ENCODED.sub(_decoded, text)
    for pattern in _SECRETS:
        text = pattern.sub(r"\1[secret removed]", text)
    text = _TOKENS.sub("[secret removed]", text)
    text = _EMAIL.sub("[e-mail removed]", text)
    return _outside(_KEPT, text, _without_digits)


def _without_digits(text: str) -> str:
    text = _HEX.sub("[digest removed]", text)
    text = _BASE64.sub("[digest removed]", text)
    for pattern in _PHONES:
        text = pattern.sub(_phone, text)
    return text


def _phone(found: re.Match[str]) -> str:
    digits = sum(char.isdigit() for char in found[0])
    plain = found[0].isdigit() and _ACCOUNT.fullmatch(found[0])
    return found[0] if digits < 7 or plain else "[phone removed]"


def _decoded(found: re.Match[str]) -> str:
    """Return a word as it is, unless it hides something when it is decoded."""
    word = plain = found[0]
    for _ in range(_DEEPEST):
        plain = re.sub(r"\\u00([0-9a-f]{2})", r"%\1", plain)
        plain = unquote(re.sub(r"&#(x?)([0-9A-Fa-f]{1,3});", _character, plain))
        quoted_printable = unquote(re.sub(r"=([0-9A-F]{2})", r"%\1", plain))
        for read in (plain, quoted_printable):
            if any(pattern.search(read) for pattern in _HIDDEN):
                return read
    return word


def _character(found: re.Match[str]) -> str:
    try:
        return chr(int(found[2], 16 if found[1] else 10))
    except ValueError:
        return found[0]


def _outside(kept: re.Pattern[str], text: str, change: Callable[[str], str]) -> str:
    """Change the text between what is kept."""
    done, at = [], 0
    for found in kept.finditer(text):
        done += [change(text[at : found.start()]), found[0]]
        at = found.end()
    return "".join([*done, change(text[at:])])


def _is_id(name: Any, value: Any) -> bool:
    thing = isinstance(name, str) and name.endswith("_id") and name != "user_id"
    return thing and isinstance(value, str) and re.fullmatch(r"[0-9a-f]{32}", value) is not None


def redact_all(value: Any, *, places: bool = True) -> Any:
    """Return a JSON value with every text in it redacted, names of members too.

    A text that is nothing but a place in S3 or an ARN stays with `places`: something is to be found by it. So does
    what is called the id of a thing, which is 32 hexadecimal digits at Pinpoint, as an MD5 is.
    """
    if isinstance(value, str):
        return value if places and _KEPT.fullmatch(value) else redact(value)
    if isinstance(value, dict):
        return {
            redact(key) if isinstance(key, str) else key: item
            if _is_id(key, item)
            else redact_all(item, places=places)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [redact_all(item, places=places) for item in value]
    return value


_URL = re.compile(r"(https?://[\w.-]+(?::\d+)?)(/[^\s?#\"'<>,;)]*)?([?#][^\s\"'<>]*)?")
_MARK = re.compile(
    r"\[(?:e-mail|phone|digest|secret) removed\]|https?://[^\s\"'<>,;)]+|arn:aws[\w-]*:[^\s\"'<>,;]+"
)
_QUOTED = re.compile(
    r"\"([^\"]*)\"|`([^`]*)`|\u201c([^\u201d]*)\u201d|«([^»]*)»|\u2018([^\u2019]*)\u2019|(?<!\w)'([^']*)'(?!\w)"
)
_WORD = re.compile(r"[^\s\"'`\u201c\u201d«»\u2018\u2019()<>\[\]{},;!?|…]+")
_NUMBER = re.compile(r"#?[<>~±+-]?\d{1,6}(?:[.,:%/-]\d{1,3}){0,3}%?")
_FILE = re.compile(r"[\w-]{1,80}(?:\.(?:csv|tsv|jsonl?|parquet|gz|txt|zip)){1,2}")
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+|[^\w]")
_CODE = re.compile(r"(?:AADSTS|HTTP|E|v)\d{1,7}(?:\.\d+)*")


def their_words(text: str, known: str = "") -> str:
    """Return what a platform or a service says without anything that may be a person's or an account's own.

    known: a text of ours that it speaks of, e.g. a query; the words in it may stand.
    """
    return _their_words(text, frozenset(part.lower() for part in _PARTS.findall(known))) if text else text


@lru_cache(maxsize=4096)
def _their_words(text: str, known: frozenset[str]) -> str:
    text = _URL.sub(_address, redact(text))
    text = _outside(_MARK, text, lambda part: _QUOTED.sub(partial(_quoted, known), part))
    text = _outside(_MARK, text, lambda part: re.sub(r"(?<=[\w\]])=(?!\s)[^\s,;)&]+", f"={GONE}", part))
    text = _outside(_MARK, text, lambda part: _WORD.sub(partial(_word, known), part))
    return re.sub(rf"{GONE}(?:[\s.]*{GONE})+", GONE, text)


def _address(found: re.Match[str]) -> str:
    """Return a web address without its query, and without a path that may name somebody."""
    path = found[2] or ""
    plain = all(re.fullmatch(r"[a-z]*", part) or _is_term(part) for part in path.rstrip(".").split("/"))
    return found[1] + (path if plain else f"/{GONE}")


def _quoted(known: frozenset[str], found: re.Match[str]) -> str:
    """Return a quotation if it is a field, a kind or a state in the platform's language."""
    inner = next((group for group in found.groups() if group is not None), "")
    plain = all(_is_term(word, known) for word in inner.split())
    return found[0] if plain else f"{found[0][0]}{GONE}{found[0][-1]}"


def _is_term(word: str, known: frozenset[str] = frozenset()) -> bool:
    return all(
        part.lower() in WORDS
        or part.lower() in known
        or (len(part) == 1 and not part.isalnum())
        or re.fullmatch(r"\d{1,3}", part)
        for part in _PARTS.findall(word)
    )


def _word(known: frozenset[str], found: re.Match[str]) -> str:
    word = found[0].rstrip(".:")
    plain = re.fullmatch(r"[a-z]+", word) or _is_term(word, known)
    if plain or _NUMBER.fullmatch(word) or _FILE.fullmatch(word) or _CODE.fullmatch(word):
        return found[0]
    return GONE + found[0][len(word) :]


_FACT = re.compile(r"[\d.,% <>+-]{1,25}|[A-Z][A-Z_]{2,40}")


def masked_facts(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts in a platform's words, masked; numbers, states like READY and our own `warning` stay."""
    return {
        name: redact_all(value) if name == "warning" else _masked_fact(value) for name, value in told.items()
    }


def _masked_fact(value: Any) -> Any:
    if isinstance(value, str):
        return value if _FACT.fullmatch(value) else their_words(value)
    return redact_all(value)
