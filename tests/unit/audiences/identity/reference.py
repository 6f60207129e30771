"""The rules once more, one value at a time and as plainly as possible, for the fast paths to agree with."""

import re
import unicodedata

import phonenumbers

# platform: characters trimmed besides blanks, lower case, folded domains (None: every), dots, plus
EMAIL_RULES = {
    "meta": (".", "full", (), False, False),
    "google": ("", "full", ("gmail.com", "googlemail.com"), True, True),
    "tiktok": ("", "full", None, False, True),
    "the_trade_desk": ("", "ascii", ("gmail.com",), True, True),
    "snap": ("", "full", (), False, False),
    "reddit": ("", "full", None, True, True),
    "liveramp": ("", "full", (), False, False),
}
BYTE_ORDER_MARK = "\ufeff"  # a blank at the ends of a cell
NO_VALUE = {"na", "nan", "nil", "none", "null", "undefined", "unknown", "invalid"}


def trimmed(text, also=""):
    """Return the cell without blanks, byte order marks, and what is blank `also` at its ends."""
    while text and (text[0].isspace() or text[0] in also + BYTE_ORDER_MARK):
        text = text[1:]
    while text and (text[-1].isspace() or text[-1] in also + BYTE_ORDER_MARK):
        text = text[:-1]
    return text


def email(platform, value):  # noqa: C901, PLR0911 - one rule after another, on purpose
    """Return the normalised address, or None when it must be refused."""
    also, lower, domains, dots, plus = EMAIL_RULES[platform]
    if value is None:
        return None
    text = trimmed(value, also)
    text = text.lower() if lower == "full" else re.sub("[A-Z]", lambda letter: letter[0].lower(), text)
    if platform == "meta" and re.fullmatch("[a-z0-9]{1,31}", text) and text not in NO_VALUE:
        return text
    if text.count("@") != 1:
        return None
    mailbox, domain = text.split("@")
    labels = domain.split(".")
    if not mailbox or len(labels) < 2 or "" in labels:
        return None
    for character in text:  # separators, controls, invisible ones, surrogates, unassigned code points
        if unicodedata.category(character)[0] in "CZ":
            return None
    if any(character in '"(),:;<>[]\\' for character in mailbox):
        return None
    if any(
        ord(character) < 128 and not character.isalnum() and character not in "-_." for character in domain
    ):
        return None
    if domains is None or domain in domains:
        if plus:
            mailbox = mailbox.split("+")[0]
        if dots:
            mailbox = mailbox.replace(".", "")
    return f"{mailbox}@{domain}" if mailbox else None


def phone(value, country):
    """Return phonenumbers' own answer, None when it finds no valid number."""
    if value is None:
        return None
    try:
        number = phonenumbers.parse(trimmed(value), country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
