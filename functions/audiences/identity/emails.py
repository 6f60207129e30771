"""E-mail addresses: the shape every platform needs, and the folding in which the platforms differ."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from audiences.identity.reasons import Unusable

if TYPE_CHECKING:
    from collections.abc import Callable

# Characters an unquoted mailbox cannot hold: RFC 5321 section 4.1.2 (https://www.rfc-editor.org/rfc/rfc5321).
# Quoted mailboxes ("a b"@example.com) are refused with them: in customer files they are pasting accidents.
_NOT_IN_MAILBOX = frozenset('"(),:;<>[\\]@')
_DOMAIN_PUNCTUATION = frozenset("!\"#$%&'()*+,/:;<=>?@[\\]^`{|}~")  # all of ASCII's but "-", "." and "_"
_BARE_WORD = re.compile(r"[a-z0-9]{1,31}").fullmatch
_PLACEHOLDERS = frozenset({"na", "nan", "nil", "none", "null", "undefined", "unknown", "invalid"})
_ODD_IN_MAILBOX = re.compile(r"[^!#-'*+\-./0-9=?a-z^-~]").search
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


def compile_fast(
    slow: Callable[[str, str | None], str],
    strip: str | None,
    folding: tuple[frozenset[str] | None, bool, bool] | None,
) -> Callable[[str, str | None], str]:
    """Return one function with the answers of `slow`, the step by step pipeline, at a multiple of its speed.

    Only plain ASCII addresses are decided here; whatever is odd in any way goes to `slow`, which is the rule.
    Measured reason: the steps one by one, hashing included, take twice as long.
    `strip` is the argument of `str.strip`; `folding` is (domains, dots, plus) or None.
    """
    domains, dots, plus = folding or (frozenset(), False, False)
    known: dict[str, int] = {}

    def normalise(value: str, country: str | None) -> str:
        if value.isascii():
            text = value.strip(strip).lower()
            mailbox, _, domain = text.partition("@")
            kind = known.get(domain)
            if kind is None:
                kind = _learn(known, domains, domain)
            if kind >= 0 and mailbox and not _ODD_IN_MAILBOX(mailbox):
                if not kind:
                    return text
                if plus and "+" in mailbox:
                    mailbox = mailbox[: mailbox.index("+")]
                if dots:
                    mailbox = mailbox.replace(".", "")
                if mailbox:
                    return f"{mailbox}@{domain}"
        return slow(value, country)

    return normalise
