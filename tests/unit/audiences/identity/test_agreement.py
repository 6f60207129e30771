"""The fast paths say what the plain rules say, on strings made to tell them apart."""

import random
import re

import pytest
from audiences.identity import compile_field
from audiences.platforms import discover, find

from tests.unit.audiences.identity import corpus, reference


def disagreements(platform, values):
    outcome = compile_field(find(platform).identifier("email"))(values)
    expected = [reference.email(platform, value) for value in values]
    return [
        ascii(trio) for trio in zip(values, expected, outcome.normalised, strict=True) if trio[1] != trio[2]
    ]


def phone_disagreements(pairs):
    run = compile_field(find("google").identifier("phone"))
    outcome = run([text for text, _ in pairs], [region for _, region in pairs])
    expected = [reference.phone(text, region) for text, region in pairs]
    return [
        ascii(quartet)
        for quartet in zip(
            [p[0] for p in pairs], [p[1] for p in pairs], expected, outcome.normalised, strict=True
        )
        if quartet[2] != quartet[3]
    ]


@pytest.mark.parametrize("platform", sorted(reference.EMAIL_RULES))
def test_email_agrees_with_the_reference(platform):
    assert disagreements(platform, list(corpus.strings(2_000, seed=platform))) == []


@pytest.mark.slow
@pytest.mark.parametrize("platform", sorted(reference.EMAIL_RULES))
def test_email_agrees_with_the_reference_on_300000_strings(platform):
    assert disagreements(platform, list(corpus.strings(300_000, seed=f"slow {platform}"))) == []


# What stands around, between and instead of "@" in files of strangers.
SEPARATORS = [
    *"@@@ .,;:/|()<>\"'-_+\t",
    "\u00a0",
    "\u200b",
    "\ufeff",
    "\x00",
    "ß",
    "jane",
    "Max",
    "example.com",
    "gmail.com",
]


def odd_cells(count, seed):
    choose = random.Random(seed)
    ends = ["", "", "", "\ufeff", " \ufeff", "\ufeff\u00a0\ufeff"]
    return [
        choose.choice(ends)
        + "".join(choose.choices(SEPARATORS, k=choose.randint(1, 7)))
        + choose.choice(ends)
        for _ in range(count)
    ]


def check_neighbours(count, seed):
    """A value has one answer: alone, and in a batch with any others."""
    choose = random.Random(seed)
    for platform in sorted(reference.EMAIL_RULES):
        run = compile_field(find(platform).identifier("email"))
        values = odd_cells(count // len(reference.EMAIL_RULES), f"{seed} {platform}")
        alone = [run([value]).normalised[0] for value in values]
        assert disagreements(platform, values) == []
        at = 0
        while at < len(values):
            size = choose.randint(1, 40)
            assert run(values[at : at + size]).normalised == alone[at : at + size]
            at += size


def test_a_neighbour_changes_no_address():
    check_neighbours(20_000, seed=1)


@pytest.mark.slow
def test_a_neighbour_changes_no_address_of_300000():
    check_neighbours(300_000, seed=2)


def test_a_cell_without_at_is_no_address_whatever_stands_beside_it():
    run = compile_field(find("google").identifier("email"))
    for value in (
        "Anna M.Smith",
        "see notes.pdf",
        "jane,example.com",
        "jane;example.com",
        "jane example.com",
    ):
        assert run([value]).rejects == {0: "email_malformed"}
        assert run(["jane@m.smith", value, "max@example.com"]).rejects == {1: "email_malformed"}


VALUES = {
    "country": ["DE", "United States", "42"],
    "phone": ["+49 171 2345678", "491712345678.0", "650-253-0000", "n/a"],
    "zip": ["94035-1234", "SW1A 1AA", "7"],
    "date_of_birth": ["1997-02-16", "31.12.1999", "soon"],
    "maid": ["AECE52E7-03EE-455A-B3C4-E57283966239", "abc"],
}
CELLS = ["Jane.Doe+News@GMAIL.com", "Val\u00e9ry", "O'Brien", "f", "12", "a" * 64, "", "no@at@all"]


@pytest.mark.parametrize("slug", sorted(discover()))
@pytest.mark.parametrize("mark", ["\ufeff", "\ufeff \ufeff", "\u00a0\ufeff"])
def test_a_byte_order_mark_at_an_end_of_a_cell_is_a_blank(slug, mark):
    """Joined files leave it in front of a cell: the same person, on every platform and in every field."""
    for field, identifier in discover()[slug].identifiers.items():
        values = [*VALUES.get(field, []), *CELLS]
        for hashed in {False, identifier.digest != "none"}:
            run = compile_field(identifier, hashed=hashed)
            plain = run(values, "US")
            assert run([mark + value for value in values], "US") == plain, field
            assert run([value + mark for value in values], [mark + "US"] * len(values)) == plain, field
            assert run([mark] * 3, [mark] * 3).rejects == dict.fromkeys(range(3), "empty"), field


# Plain ones, shared calling codes, national prefixes that are patterns, leading zeros, and no prefix at all.
REGIONS = set(re.findall("..", "USCAJMDOGBIMDEFRITVASMESBRINJPAUARMXKZRUNOSJCIHUSGHK"))


def test_phone_agrees_with_the_library():
    assert phone_disagreements(list(corpus.phones(1_000, seed=1, regions=REGIONS))) == []


@pytest.mark.slow
def test_phone_agrees_with_the_library_on_300000_numbers():
    assert phone_disagreements(list(corpus.phones(300_000, seed=2))) == []


def test_the_corpora_reach_both_answers():
    values = list(corpus.strings(3_000, seed="google"))
    accepted = sum(reference.email("google", value) is not None for value in values)
    pairs = list(corpus.phones(1_000, seed=1, regions=REGIONS))
    valid = sum(reference.phone(*pair) is not None for pair in pairs)
    assert 400 < accepted < 2_700
    assert 300 < valid < 900
