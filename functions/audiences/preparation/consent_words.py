# ruff: noqa: RUF001 - the words are of many alphabets
"""Yes and no as exports write them: a word that is on neither list is not understood, and never a yes.

Sources of the words: HubSpot's and Klaviyo's exports (subscribed, unsubscribed, never subscribed), Salesforce's
(Opt-Out, Opted Out), Google's consent mode (granted, denied), IAB's and OneTrust's (withdrawn, revoked), pandas and
spreadsheets (0.0, TRUE, f), SMS keywords (STOP, START), and plain yes and no in languages of customers' files.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

from audiences.identity.blanks import BLANKS

Word = Literal["yes", "no", "blank", "unreadable"]

_YES = """
1 accept accepted agree agreed allow allowed ano confirmed confirmedoptin consent consented
consentgranted da doubleoptin given grant granted igen j ja kylla ok on optedin optin oui si sim
start subscribe subscribed t tak true vero vrai waar wahr y yes zugestimmt ναι да так כן نعم はい 同意 是
네 예
"""
_NO = """
0 abgelehnt abgemeldet blocked cleaned consentdenied decline declined denied deny desabonne disabled
disallowed dnc donotcontact donotsell désabonné ei f falsch false falso faux gpc hayir hayır iie
inactive n nao ne nee nein nej nem never neversubscribed nie no noconsent non notallowed
notconsented notgiven notgranted notsubscribed não off optedout optout refuse refused refusé reject
rejected revoke revoked stop stopall suppress suppressed unsubscribe unsubscribed widerrufen
widersprochen withdraw withdrawn οχι όχι нет ні לא لا いいえ 不 不同意 否 아니오 아니요
"""
_BLANK = """
na nan none notasked notset null undefined unknown unset
"""

_DOUBT = frozenset("?+|;~<>=")  # "yes?": whoever wrote that was not sure
_NEGATIVE = re.compile(r"\s*[-\u2212(]\s*\d").match  # -1 is how some systems write "not asked"


def _letters(text: str) -> str:
    """Return letters and digits, lower case, accents removed."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


_SAYS: dict[str, Word] = {
    **{_letters(word): "blank" for word in _BLANK.split()},
    **{_letters(word): "yes" for word in _YES.split()},
    **{_letters(word): "no" for word in _NO.split()},  # last, so that a word on both lists would be a no
}


@lru_cache(maxsize=4_096)  # a column has few words and many rows
def read_word(text: str) -> Word:
    """Return what a consent cell says: capitals, blanks, dashes, underscores and full stops aside."""
    word = _letters(_without_zeros("".join(text.split())))
    if word:
        return "unreadable" if _DOUBT.intersection(text) or _NEGATIVE(text) else _SAYS.get(word, "unreadable")
    return "unreadable" if text.strip(" \t\r\n\u00a0\ufeff-./") else "blank"


def _without_zeros(text: str) -> str:
    """Return "1" for "1.0" and "0" for "0,00": how a column of numbers writes true and false."""
    head, mark, tail = text.partition("." if "." in text else ",")
    return head if mark and head in ("0", "1") and tail and not tail.strip("0") else text


_CLASSES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("address", re.compile(r".*@.*", re.DOTALL)),
    (
        "date",
        re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}(?:[T ,].*)?|\d{4}-?\d{2}-?\d{2}(?:[T ].*)?", re.DOTALL),
    ),
    ("number", re.compile(r"[-+(\u2212]?[\d.,  ]+\)?%?")),
    ("text", re.compile(r"\S+\s+\S.*", re.DOTALL)),
    ("word", re.compile(r"[^\W\d_]+")),
    ("signs", re.compile(r"[\W_]+")),
)


def value_class(text: str) -> str:
    """Return what kind of value an answer is that is not understood, which can be told where the value cannot.

    `doubtful`: a yes or no with a question mark, a minus or the like; `code`: letters, digits and signs together.
    """
    plain = text.strip(BLANKS)
    if _letters(_without_zeros("".join(plain.split()))) in _SAYS:
        return "doubtful"
    return next((name for name, pattern in _CLASSES if pattern.fullmatch(plain)), "code")
