"""Five thousand odd values, the same every time: what files of strangers hold, in every field that formatters know.

People and domains are invented or reserved (RFC 2606), phone numbers are of ranges kept for fiction.
"""

import random

COUNTS = {
    "email": 1_500,
    "phone": 1_200,
    "first_name": 400,
    "last_name": 400,
    "city": 400,
    "state": 300,
    "zip": 400,
    "country": 400,
}
_BLANKS = [
    " ",
    "  ",
    "\t",
    "\n",
    "\r\n",
    "\u00a0",
    "\u2003",
    "\u3000",
    "\u200b",
    "\u200e",
    "\ufeff",
    "\u00ad",
    "\x00",
    "\x1f",
]
_SIGNS = [
    ".",
    ",",
    ";",
    "'",
    '"',
    "-",
    "_",
    "*",
    "!",
    "?",
    "(",
    ")",
    "\u2019",
    "\u2014",
    "\U0001f600",
    "#",
    "/",
]
_NOTHING = [
    "",
    " ",
    "N/A",
    "n/a",
    "NULL",
    "null",
    "None",
    "nan",
    "-",
    ".",
    "unknown",
    "#N/A",
    "#REF!",
    "0",
    "\u2014",
    "test",
]
_WRAPPED = [
    "'{}",
    '"{}"',
    '="{}"',
    "<{}>",
    "[{}]",
    "{};",
    "{},",
    "({})",
    "{} (old)",
    "{}\u200b",
    "\ufeff{}",
    "{}?",
]
_MAILBOXES = [
    *(
        "jane.doe",
        "Jane.Doe",
        "JANE",
        "j",
        "john_doe",
        "john-doe",
        "o'brien",
        "max.m\u00fcller",
        "\u738b\u82b3",
        "jane+news",
    ),
    *(
        "jane.doe+a+b",
        "+tag",
        ".jane",
        "jane.",
        "ja..ne",
        "jane doe",
        "jane,doe",
        '"jane doe"',
        "jos\u00e9",
        "jose\u0301",
    ),
    *(
        "\uff4aane",
        "j\u200bane",
        "jane\u00a0",
        "jane%example",
        "jane=doe",
        "x" * 70,
        "",
        "\u0130pek",
        "stra\u00dfe",
        "a@b",
    ),
]
_DOMAINS = [
    *(
        "example.com",
        "Example.ORG",
        "gmail.com",
        "GMail.com",
        "googlemail.com",
        "mail.example.net",
        "example",
        "example..com",
    ),
    *(
        "example.com.",
        ".example.com",
        "exa mple.com",
        "example.c",
        "-a.example",
        "xn--mller-kva.example",
        "m\u00fcller.example",
    ),
    *(
        "example,com",
        "example.com/x",
        "exam_ple.com",
        "\uff45xample.com",
        "gma\u0131l.com",
        "localhost",
        "192.0.2.1",
        "[192.0.2.1]",
    ),
]
_ADDRESSES = [
    *(
        "{0} Jane <{1}>",
        "mailto:{1}",
        "{1}; {0}@example.org",
        "{1},{0}@example.org",
        "{1} {0}@example.org",
        "{0} at example.com",
    ),
    *("{1}/{0}@example.org", "{0}@{1}", "{1}(private)", "e-mail: {1}"),
]
# Fictional numbers: https://nationalnanpa.com (555-01XX), Ofcom, Bundesnetzagentur's Drama-Nummern, ACMA, Arcep.
_NUMBERS = [
    *(
        "+1 650-555-0123",
        "(650) 555-0123",
        "6505550123",
        "1-650-555-0123",
        "16505550123",
        "+16505550123",
        "001 650 555 0123",
    ),
    *(
        "+44 7700 900123",
        "07700 900123",
        "+44 (0)7700 900123",
        "00447700900123",
        "447700900123",
        "+44 020 7946 0123",
    ),
    *(
        "020 7946 0123",
        "+49 30 23125 123",
        "030 23125123",
        "+49 (0)30 23125123",
        "0049 30 23125 123",
        "493023125123",
    ),
    *(
        "+49-030-23125123",
        "030/23125123",
        "+61 491 570 156",
        "0491 570 156",
        "61491570156",
        "+33 1 99 00 12 34",
        "01 99 00 12 34",
    ),
    *(
        "0033199001234",
        "8 (495) 123-45-67",
        "+7 (8) 495 123-45-67",
        "+39 06 5550 1234",
        "+55 11 95550-0123",
        "11 95550-0123",
    ),
    *(
        "911",
        "12345",
        "0000000000",
        "1111111111",
        "+0 123",
        "+999 123 456 789",
        "123456789012345678",
        "+1 650 555 01",
    ),
]
_CALLED = [
    *(
        "{} x123",
        "{} ext. 7",
        "{}#12",
        "tel:{}",
        "{}.0",
        "{0}/{1}",
        "{0} or {1}",
        "{0}, {1}",
        "{0};{1}",
        "{} (mum)",
        "mobile {}",
        "{}/1",
    ),
    *("{0}\n{1}", "{} home", "WhatsApp {}", "{}+", "+{}", "00{}", "{}E+10", "{}-"),
]
_SCRIPTS = [
    "\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669",
    "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19",
]
_FLOATS = [
    "1.65055501E+10",
    "4.93023E+11",
    "16505550123.0",
    "493023125123,0",
    "1,650,555,0123",
    "1.650.555.0123",
    "-16505550123",
]
_NAMES = [
    *(
        "Jane",
        "jane",
        "JANE",
        "Val\u00e9ry",
        "Vale\u0301ry",
        "O'Brien",
        "O\u2019Brien",
        "Mary-Ann",
        "Mary Ann",
        "van der Berg",
        "M\u00fcller",
    ),
    *(
        "MU\u0308LLER",
        "Gro\u00df",
        "GRO\u1e9e",
        "\u0130pek",
        "I\u015f\u0131k",
        "\u738b\u82b3",
        "\u041e\u043b\u044c\u0433\u0430",
        "\u0395\u03bb\u03ad\u03bd\u03b7",
        "\u0645\u062d\u0645\u062f",
    ),
    *(
        "Dr. Jane",
        "Doe Jr.",
        "Doe, Jane",
        "Jane (Janie)",
        "J.",
        "J. R. R.",
        "Bj\u00f8rn",
        "\u0141ukasz",
        "S\u00f8ren",
        "\u00c6gir",
        "MÃ¼ller",
    ),
    *(
        "Jane2",
        "jane_doe",
        "D'Arcy",
        "Mc Donald",
        "\ufb01ona",
        "\u212bsa",
        "Nguy\u1ec5n",
        "\u0915\u092e\u0932",
        "\ud55c\uc9c0\ubbfc",
        "X \u00c6 A-12",
    ),
]
_CITIES = [
    *(
        "New York",
        "new york",
        "NEW YORK",
        "New-York",
        "St. Louis",
        "Saint Louis",
        "S\u00e3o Paulo",
        "Sa\u0303o Paulo",
        "K\u00f6ln",
        "Cologne",
    ),
    *(
        "'s-Gravenhage",
        "Z\u00fcrich",
        "\u6771\u4eac",
        "\u041c\u043e\u0441\u043a\u0432\u0430",
        "\u0391\u03b8\u03ae\u03bd\u03b1",
        "London, UK",
        "London W1",
        "12th Town",
        "29 Palms",
    ),
    *(
        "Paris 75001",
        "Frankfurt (Oder)",
        "Winston-Salem",
        "L'Aquila",
        "\u0141\u00f3d\u017a",
        "\u00c5rhus",
        "\u0130stanbul",
        "K\u00f8benhavn",
        "M\u00fcnchen/Bayern",
    ),
]
_STATES = [
    *(
        "CA",
        "ca",
        "California",
        "CALIFORNIA",
        "Calif.",
        "N.Y.",
        "NY",
        "New York",
        "new  york",
        "D.C.",
        "Ontario",
        "ON",
        "Qu\u00e9bec",
        "Quebec",
    ),
    *(
        "B.C.",
        "Bavaria",
        "Bayern",
        "NRW",
        "Nordrhein-Westfalen",
        "\u00cele-de-France",
        "NSW",
        "Madrid",
        "\u6771\u4eac\u90fd",
        "US-CA",
        "California 90210",
        "Puerto Rico",
    ),
]
_ZIPS = [
    *(
        "94035",
        "94035-1234",
        "940351234",
        "94035 1234",
        "2139",
        "02139",
        "02139.0",
        "2139.0",
        "SW1A 1AA",
        "sw1a1aa",
        "SW1A-1AA",
        "K1A 0A6",
    ),
    *(
        "k1a0a6",
        "K1A-0A6",
        "1229-076",
        "10117",
        "D-10117",
        "CH-8001",
        "75001",
        "1010 AB",
        "\uff19\uff14\uff10\uff13\uff15",
        "150-0001",
        "\u3012150-0001",
        "BT1 5GS",
    ),
    *("9403", "7", "00000", "94035-", "-94035", "94O35", "94035+1234", "110001", "9.4035E+4"),
]
_COUNTRIES = [
    *(
        "US",
        "us",
        "U.S.",
        "U.S.A.",
        "USA",
        "United States",
        "United States of America",
        "America",
        "UK",
        "GB",
        "GBR",
        "Great Britain",
    ),
    *(
        "England",
        "United Kingdom",
        "Germany",
        "Deutschland",
        "DE",
        "DEU",
        "D",
        "\u00d6sterreich",
        "Oesterreich",
        "Austria",
        "AT",
        "Espa\u00f1a",
    ),
    *(
        "Espan\u0303a",
        "Spain",
        "\u65e5\u672c",
        "Japan",
        "JP",
        "EL",
        "Greece",
        "\u0395\u03bb\u03bb\u03ac\u03b4\u03b1",
        "Schweiz",
        "Suisse",
        "CH",
        "XX",
        "EU",
        "Atlantis",
    ),
    *(
        "C\u00f4te d'Ivoire",
        "South Korea",
        "Korea",
        "T\u00fcrkiye",
        "Turkey",
        "Vi\u1ec7t Nam",
        "Holland",
        "Netherlands",
        "1",
        "+1",
        "001",
        "99",
    ),
]
_BASES = {
    "first_name": _NAMES,
    "last_name": _NAMES,
    "city": _CITIES,
    "state": _STATES,
    "zip": _ZIPS,
    "country": _COUNTRIES,
}


def odd_values():
    """Return [[field, value], …]: 5,000, from a plain value with nothing done to it to one with "
    "four accidents."""
    choose = random.Random(5_000)
    return [[field, _make(field, choose)] for field, count in COUNTS.items() for _ in range(count)]


def _make(field, choose):
    if choose.random() < 0.03:
        return choose.choice(_NOTHING)
    if field == "email":
        text = _address(choose)
    elif field == "phone":
        text = _number(choose)
    else:
        text = choose.choice(_BASES[field])
    for accident, chance in ((_wrap, 0.12), (_insert, 0.08), (_recase, 0.1), (_blank, 0.3)):
        if choose.random() < chance:
            text = accident(text, choose)
    return text


def _address(choose):
    mailbox = choose.choice(_MAILBOXES[:10] if choose.random() < 0.6 else _MAILBOXES)
    domain = choose.choice(_DOMAINS[:6] if choose.random() < 0.7 else _DOMAINS)
    text = f"{mailbox}@{domain}"
    return choose.choice(_ADDRESSES).format(mailbox, text) if choose.random() < 0.1 else text


def _number(choose):
    if choose.random() < 0.05:
        return choose.choice(_FLOATS)
    text = choose.choice(_NUMBERS)
    if choose.random() < 0.2:
        text = text.replace("123", str(choose.randrange(100, 200)), 1)
    if choose.random() < 0.2:
        text = choose.choice(_CALLED).format(text, choose.choice(_NUMBERS))
    if choose.random() < 0.04:
        text = text.translate(str.maketrans("0123456789", choose.choice(_SCRIPTS)))
    return text


def _wrap(text, choose):
    return choose.choice(_WRAPPED).format(text)


def _insert(text, choose):
    at = choose.randint(0, len(text))
    return text[:at] + choose.choice(_SIGNS) + text[at:]


def _recase(text, choose):
    return choose.choice([str.upper, str.lower, str.title, str.swapcase])(text)


def _blank(text, choose):
    return choose.choice(["", *_BLANKS]) + text + choose.choice(["", *_BLANKS])
