"""E-mail addresses: the shape every platform needs, and the folding in which the platforms differ."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from audiences.identity.reasons import Unusable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Characters an unquoted mailbox cannot hold: RFC 5321 section 4.1.2 (https://www.rfc-editor.org/rfc/rfc5321).
# Quoted mailboxes ("a b"@example.com) are refused with them: in customer files they are pasting accidents.
_NOT_IN_MAILBOX = frozenset('"(),:;<>[\\]@')
_DOMAIN_PUNCTUATION = frozenset("!\"#$%&'()*+,/:;<=>?@[\\]^`{|}~")  # all of ASCII's but "-", "." and "_"
_BARE_WORD = re.compile(r"[a-z0-9]{1,31}").fullmatch
_PLACEHOLDERS = frozenset({"na", "nan", "nil", "none", "null", "undefined", "unknown", "invalid"})
_ODD_IN_MAILBOX = re.compile(r"[^!#-'*+\-./0-9=?a-z^-~]").search
# Bytes of a column: capitals made small, "@" and line ends kept, all that is odd in a mailbox turned into _ODD,
# which no domain can hold. Never into "@": a cell without one would become an address.
_ODD = "\x00"
_PLAIN = bytes(
    ord(_ODD) if _ODD_IN_MAILBOX(letter) and letter not in "@\n" else ord(letter)
    for letter in (chr(code).lower() if code < 128 else _ODD for code in range(256))
)
_KNOWN_DOMAINS = 50_000  # bound of the domain memory: about 5 MB


def check_shape(text: str, *, bare_word: bool = False) -> str:
    """Return `text` when it is mailbox@domain.tld with no blank or invisible character, else raise Unusable.

    `bare_word` lets a single plain word through as well: Meta's own SDK test hashes "test"
    (facebook-business, test/unit.py, CustomAudienceTestCase). Words that stand for "no value" stay out.
    """
    mailbox, at, domain = text.partition("@")
    if not at and bare_word and _BARE_WORD(text) and text not in _PLACEHOLDERS:
        return text
    if not mailbox or not _NOT_IN_MAILBOX.isdisjoint(mailbox) or not is_domain(domain):
        raise Unusable("email_malformed")
    if " " in text or not text.isprintable():
        raise Unusable("email_malformed")
    return text


def is_domain(domain: str) -> bool:
    """Tell whether `domain` has at least two labels, none of them empty, and no punctuation but - and _."""
    return "." in domain and all(domain.split(".")) and _DOMAIN_PUNCTUATION.isdisjoint(domain)


def fold(text: str, domains: frozenset[str] | None, *, dots: bool, plus: bool) -> str:
    """Remove what the mailbox provider ignores: with `plus` the "+tag", with `dots` the dots.

    `domains` None folds every domain. Unusable("email_malformed") when nothing is left of the mailbox.
    """
    mailbox, at, domain = text.partition("@")
    if not at or (domains is not None and domain not in domains):
        return text
    if plus:
        mailbox = mailbox.partition("+")[0]
    if dots:
        mailbox = mailbox.replace(".", "")
    if not mailbox:
        raise Unusable("email_malformed")
    return f"{mailbox}@{domain}"


def _learn(known: dict[str, int], folded: frozenset[str] | None, domain: str) -> int:
    """Return 0 for a domain to send as is, 1 to fold, -1 for one that is not plain; remember plain ones.

    A file has few domains and many rows. Measured reason: remembering a check costs a tenth of repeating it.
    """
    if not (domain.isascii() and domain.isprintable() and " " not in domain and is_domain(domain)):
        return -1
    if len(known) >= _KNOWN_DOMAINS:
        known.clear()
    known[domain] = int(folded is None or domain in folded)
    return known[domain]


class FastEmails:
    """The answers of `slow`, the step by step pipeline, at a multiple of its speed.

    Only plain ASCII addresses are decided here; whatever is odd in any way goes to `slow`, which is the rule.
    Measured reason: the steps one by one, hashing included, take twice as long.
    `also` are characters trimmed besides blanks; `folding` is (domains, dots, plus) or None.
    """

    def __init__(
        self,
        slow: Callable[[str, str | None], str],
        also: str,
        folding: tuple[frozenset[str] | None, bool, bool] | None,
    ) -> None:
        """Compile. Domains are remembered from call to call."""
        self.slow, self._also = slow, also
        self._strip = also + " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f" if also else None
        self._domains, self._dots, self._plus = folding or (frozenset(), False, False)
        self._known: dict[str, int] = {}

    def one(self, value: str, country: str | None) -> str:
        """Return the address normalised; raises as `slow` does."""
        return self._decide(value) or self.slow(value, country)

    def _decide(self, value: str) -> str:
        """Return a plain address normalised, "" for any other."""
        if not value.isascii():
            return ""
        text = value.strip(self._strip).lower()
        mailbox, _, domain = text.partition("@")  # without "@" the domain is empty, and that is none
        if not mailbox or _ODD_IN_MAILBOX(mailbox):
            return ""
        kind = self._known.get(domain)
        if kind is None:
            kind = _learn(self._known, self._domains, domain)
        if kind == 0:
            return text
        return f"{mailbox}@{domain}" if kind > 0 and (mailbox := self._fold(mailbox)) else ""

    def _fold(self, mailbox: str) -> str:
        if self._plus and "+" in mailbox:
            mailbox = mailbox[: mailbox.index("+")]
        return mailbox.replace(".", "") if self._dots else mailbox

    def many(self, values: Sequence[str | None]) -> list[str] | None:
        """Return the plain addresses of a column normalised, "" for the others; None if it has to be `one`.

        Capitals and odd characters are dealt with for the column as one text, at a tenth of the cost of a
        call for each value. An odd character becomes one that stands in no domain, and a mailbox that holds it
        is decided alone.
        """
        try:
            text = "\n".join([value or "" for value in values])
            whole = f"\n{text}\n".encode().translate(_PLAIN).decode("ascii")
        except (TypeError, UnicodeEncodeError):  # not text, half a character
            return None
        if any(f"\n{mark}" in whole or f"{mark}\n" in whole for mark in self._also):
            return None
        rows = whole[1:-1].split("\n")
        if len(rows) != len(values):  # a line break inside a value
            return None
        known, learn, domains = self._known.get, partial(_learn, self._known), self._domains
        dots, plus = self._dots, self._plus
        for number, row in enumerate(rows):
            mailbox, _, domain = row.partition("@")
            kind = known(domain)
            if kind is None:
                kind = learn(domains, domain)
            if kind < 0 or not mailbox or _ODD in mailbox:
                rows[number] = self._decide(values[number] or "")
            elif kind:
                if plus and "+" in mailbox:
                    mailbox = mailbox[: mailbox.index("+")]
                if dots:
                    mailbox = mailbox.replace(".", "")
                rows[number] = f"{mailbox}@{domain}" if mailbox else ""
        return rows
