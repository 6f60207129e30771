"""Our answers to 5,000 odd values beside every official formatter's: in what they differ, and who is right."""

from collections import Counter
from dataclasses import dataclass, field

from audiences.identity import compile_field
from audiences.identity.blanks import BLANKS
from audiences.platforms import find

from tests.oracles.odd_values import COUNTS, odd_values


@dataclass(frozen=True)
class Formatter:
    """One official formatter: `oracle` as in requirements-….txt, and our platform that it speaks for."""

    oracle: str
    title: str
    slug: str
    fields: tuple[str, ...] = tuple(COUNTS)


FORMATTERS = (
    Formatter("google", "Google (google-ads-datamanager-util 0.4.0)", "google"),
    Formatter("meta", "Meta (capi-param-builder-nodejs 1.3.2)", "meta"),
    Formatter("facebook-business", "Meta (facebook-business 26.0.3)", "meta"),
    Formatter("uid2", "UID2 (uid2-client 2.9.0)", "the_trade_desk", ("email", "phone")),
    Formatter("snap", "Snap (snap-business-sdk 1.0.0)", "snap", ("email", "phone")),
)
OURS, THEIRS, BOTH = "we", "they", "either"


@dataclass(frozen=True)
class Group:
    """Why answers differ. fields: where it happens; `kind`: see `kind_of`; right: whose answer is "
    "sent rightly."""

    fields: tuple[str, ...]
    kind: str
    why: str
    right: str


NAMES = ("first_name", "last_name")
GROUPS = (
    Group(
        ("email",),
        "email_malformed",
        "Two addresses, a sentence, quotes, brackets, a domain of one label or with signs, an "
        "invisible character: we refuse "
        "the cell, they check for an @ at most and hash what stands there.",
        "we: no mailbox is called so, and what is left of it could be somebody else's",
    ),
    Group(
        ("email", *NAMES, "city", "state", "zip"),
        "ends",
        "Blanks and marks at the ends: we trim Unicode's blanks, U+001C to U+001F and the byte order "
        "mark; each of them trims "
        "its language's (UID2's U+0020 alone), and does not fold Gmail's address behind what is left.",
        "we: the person typed none of them",
    ),
    Group(
        ("email",),
        "dots at the ends",
        "Meta's unit test for audiences trims full stops, its serverside.Normalize does not.",
        "either: both are Meta's own; no mailbox begins with a full stop (RFC 5321)",
    ),
    Group(
        ("email",),
        "they refuse",
        "Meta's builder takes ASCII letters and one full stop at a time, and no bare word; "
        "serverside.Normalize no bare word. "
        "We take what RFC 6531 takes.",
        "either: what they refuse is not matched, and what we send is nobody else's",
    ),
    Group(
        ("phone",),
        "phone_no_country",
        "A national number, and nobody said of which country: they hash its digits as if they began "
        "with a calling code "
        "(Snap puts 1 before them).",
        "we: 650 555 0123 would be in Singapore (+65)",
    ),
    Group(
        ("phone",),
        "phone_invalid",
        "Two numbers in a cell, an extension, a calling code that is nobody's, too many or too few "
        "digits: they glue all the "
        "digits together.",
        "we: the number is nobody's, or somebody else's",
    ),
    Group(
        ("phone",),
        "spreadsheet_number",
        "A spreadsheet's float: they hash the zero behind the full stop, or the digits of the exponent.",
        "we: digits are lost or added",
    ),
    Group(
        ("phone",),
        "zeros kept",
        "A trunk zero or 8 behind the calling code, +44 (0)20, or the 00 of an international call: "
        "they keep it among the digits.",
        "we: E.164 has none of them, and neither has the platform's own record",
    ),
    Group(
        ("phone",),
        "other digits",
        "Digits of other scripts, which they drop or keep as they are.",
        "we: E.164 is written in 0 to 9",
    ),
    Group(
        ("phone",),
        "1 before it",
        "Snap's library puts 1 before every number whose calling code no blank or dash follows: "
        "+16505550123 becomes "
        "116505550123.",
        "we: Snap's page asks for the country code once",
    ),
    Group(
        ("phone",),
        "other form",
        "What stands around the number (a second plus, signs, line breaks) ends up in their digits, "
        "or cuts them.",
        "we: the number is certain",
    ),
    Group(
        ("phone",),
        "they refuse",
        "UID2's client only checks that a number is E.164 already; serverside.Normalize knows no "
        "full stops, slashes or words; "
        "Meta's builder no other digits; Snap's no line break in front.",
        "we: the number is certain",
    ),
    Group(
        NAMES,
        "control_character",
        "A control character, which they leave in the name.",
        "we: no record of a platform has one, and the file is damaged",
    ),
    Group(
        NAMES,
        "other form",
        "serverside.Normalize keeps punctuation and blanks (o'brien); Meta's page and builder do not.",
        "we: as the page has it",
    ),
    Group(
        (*NAMES, "city", "state"),
        "nothing_left",
        "Letters of other scripts in a city, a city that begins with a digit, a name of signs: the "
        "builder and we refuse, "
        "serverside.Normalize keeps it.",
        "either: both are Meta's own",
    ),
    Group(
        ("city",),
        "other form",
        "Letters outside a to z, signs and digits: serverside.Normalize keeps letters and signs and "
        "drops digits.",
        "either: both are Meta's own; we follow the builder, the newer one",
    ),
    Group(
        ("state",),
        "other form",
        "Meta's builder cuts every state to two letters and knows no territories; "
        "serverside.Normalize abbreviates none.",
        "we: the page asks for two letters in the United States and whole names elsewhere",
    ),
    Group(
        ("state",),
        "they refuse",
        "A state in another script, or a lone digit.",
        "either: it is not matched",
    ),
    Group(
        ("zip",),
        "zip_malformed",
        "A sign or an invisible character inside the code, or too short: they hash it as it stands.",
        "we: no postal code has it",
    ),
    Group(
        ("zip",),
        "control_character",
        "A control character, which Google's formatter leaves in the code.",
        "we: the file is damaged",
    ),
    Group(
        ("zip",),
        "other form",
        "A blank inside, which Meta's builder keeps.",
        "we: the page says no spaces",
    ),
    Group(
        ("country",),
        "country_unknown",
        "XX, EU, Atlantis, 99: Google's formatter takes any two characters, Meta's builder the first "
        "two letters.",
        "we: ISO 3166 has none of them",
    ),
    Group(
        ("country",),
        "other form",
        "EL, UK, \u65e5\u672c, Deutschland: they keep two characters or cut to two letters "
        "(Deutschland becomes de by luck, "
        "Austria au, which is Australia).",
        "we: ISO 3166",
    ),
    Group(
        ("country",),
        "they refuse",
        "Names, three letters and names in their own language, which we look up.",
        "we: the country is certain",
    ),
)


def kind_of(name, value, mine, theirs, reason):
    """Return in what two answers differ: our reason, or the kind of difference between two values."""
    if mine is None:
        return reason
    if theirs is None:
        return "they refuse"
    if theirs != theirs.strip(BLANKS):
        return "ends"
    if name == "email" and theirs.strip(".") == mine:
        return "dots at the ends"
    return _kind_of_phone(mine, theirs) if name == "phone" else "other form"


def _kind_of_phone(mine, theirs):
    mine, theirs = mine.lstrip("+"), theirs.lstrip("+")
    if not theirs.isascii():
        return "other digits"
    if theirs in ("1" + mine, "10" + mine, "100" + mine):
        return "1 before it"
    if _without_zeros(mine) == _without_zeros(theirs) or _without_zeros(mine) == _without_zeros(
        theirs.replace("8", "", 1)
    ):
        return "zeros kept"
    return "other form"


def _without_zeros(digits):
    return digits.replace("0", "")


@dataclass
class Comparison:
    """What was found. same: answers alike, by formatter and field; found: differences by field, "
    "kind and formatter."""

    values: Counter = field(default_factory=Counter)
    same: Counter = field(default_factory=Counter)
    found: Counter = field(default_factory=Counter)
    unexplained: list = field(default_factory=list)


def compare(answers):
    """Compare all values with all formatters; `answers(oracle, cases)` asks one."""
    made = Comparison()
    explained = {(name, group.kind) for group in GROUPS for name in group.fields}
    for formatter in FORMATTERS:
        cases = [case for case in odd_values() if case[0] in formatter.fields]
        runs = {name: compile_field(find(formatter.slug).identifiers[name]) for name in formatter.fields}
        for (name, value), theirs in zip(cases, answers(formatter.oracle, cases), strict=True):
            outcome = runs[name]([value])
            mine = outcome.normalised[0]
            made.values[formatter.oracle, name] += 1
            if mine == (theirs or None):
                made.same[formatter.oracle, name] += 1
                continue
            kind = kind_of(name, value, mine, theirs or None, outcome.rejects.get(0))
            made.found[name, kind, formatter.oracle] += 1
            if (name, kind) not in explained:
                made.unexplained.append(ascii((formatter.oracle, name, kind, value, mine, theirs)))
    return made


def render(made):
    """Return the two tables of docs/reference/normalisation.md."""
    heads = [formatter.title for formatter in FORMATTERS]
    lines = [f"| field | values | {' | '.join(heads)} |", f"|---|---|{'---|' * len(heads)}"]
    for name, count in COUNTS.items():
        cells = [_alike(made, formatter, name) for formatter in FORMATTERS]
        lines.append(f"| {name} | {count:,} | {' | '.join(cells)} |")
    short = ["Google", "Meta's builder", "Meta's SDK", "UID2", "Snap"]
    lines += [
        "",
        f"| field | what differs | who is right | {' | '.join(short)} |",
        f"|---|---|---|{'---|' * len(short)}",
    ]
    for group in GROUPS:
        counts = [
            sum(made.found[name, group.kind, each.oracle] for name in group.fields) for each in FORMATTERS
        ]
        cells = [f"{count:,}" if count else "" for count in counts]
        lines.append(f"| {', '.join(group.fields)} | {group.why} | {group.right} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _alike(made, formatter, name):
    total = made.values[formatter.oracle, name]
    return f"{made.same[formatter.oracle, name]:,} alike" if total else "has none"
