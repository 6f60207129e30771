"""Strings made to break normalisers: deterministic, so that a failure can be repeated."""

import random

import phonenumbers

_ODD = [
    *map(chr, range(0x20)),
    "\x7f",
    "\x85",
    "\xa0",
    "\xad",
    "\u1680",
    "\u200b",
    "\u200d",
    "\u2028",
    "\u202e",
    "\u3000",
    "\ufeff",
    "\u00df",
    "\u0130",
    "\u0131",
    "\u017f",
    "\u212a",
    "\u1e9e",
    "\ufb01",
    "\uff21",
    "\uff10",
    "\uff20",
    "\uff0e",
    "\u0661",
    "\u0301",
    "e\u0301",
    "\u00e9",
    "\u0416",
    "\u65e5",
    "\U0001f600",
    "\ud800",
    "\udfff",
    "\udcff",
    "\u0378",
    "\ue000",
    "\0",
]
_PLAIN = list("abcxyzABCXYZ0189") + list("..++@@--__!#$%&'*/=?^`{|}~\"(),:;<>[]\\ \t\r\n")
_LETTERS = list("abcxyzABCXYZ0189.+-_")
_DOMAINS = [
    "gmail.com",
    "GMAIL.com",
    "googlemail.com",
    "example.com",
    "Example.Org",
    "mail.example.net",
    "example",
    "exa mple.com",
    "example..com",
    ".example.com",
    "example.com.",
    "-a.example",
    "gmail.com ",
    "\u00e9x.example",
    "K\u212a.example",
    "\uff47mail.com",
    "gma\u0131l.com",
]


def strings(count, seed):
    """Yield strings: addresses with accidents in them, and plain noise."""
    rnd = random.Random(seed)
    for _ in range(count):
        kind = rnd.random()
        pool = _LETTERS if kind < 0.4 else _PLAIN if kind < 0.6 else _PLAIN + _ODD if kind < 0.9 else _ODD
        text = "".join(rnd.choices(pool, k=rnd.randrange(12)))
        if rnd.random() < 0.75:
            text += "@" + rnd.choice(_DOMAINS)
        if rnd.random() < 0.4:
            text = rnd.choice([*_ODD, " ", ".", "\t"]) + text + rnd.choice([*_ODD, " ", ".", "\n"])
        yield text


def phones(count, seed, regions=None):
    """Yield (text, region): example numbers with digits changed, written in many ways, and junk."""
    rnd = random.Random(seed)
    regions = sorted(regions or phonenumbers.SUPPORTED_REGIONS - {"AC", "TA"})  # two that are no ISO country
    examples = [
        (region, str(number.country_code), phonenumbers.national_significant_number(number))
        for region in regions
        for kind in range(11)
        if (number := phonenumbers.example_number_for_type(region, kind))
    ]
    for _ in range(count):
        region, code, national = rnd.choice(examples)
        changed = rnd.randrange(1, 5)
        national = national[:-changed] + "".join(rnd.choices("0123456789", k=changed))
        dialled = (phonenumbers.ndd_prefix_for_region(region, True) or "") + national
        text = rnd.choice(
            [
                dialled,
                national,
                "+" + code + national,
                "00" + code + national,
                code + national,
                f"+{code} (0){national}",
                "011" + code + national,
                "0" + national,
                dialled + "0",
                "+" + code + dialled,
                dialled[:5],
            ]
        )
        separator = rnd.choice(["", "", " ", "-", ".", "/", "\xa0", ") "])
        if separator:
            text = text[:3] + separator + text[3:6] + separator + text[6:]
        if rnd.random() < 0.1:
            text = rnd.choice([" ", "tel:", "+", "(", "x", "\uff0b", "\u0660", "*"]) + text
        if rnd.random() < 0.1:
            text += rnd.choice([" ", "x12", " ext. 3", "#", ";ext=7", "\n", "a", "\u0661", " " * 260])
        yield text, region if rnd.random() < 0.8 else rnd.choice(regions)
