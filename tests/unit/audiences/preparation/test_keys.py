"""Two names never have one folder; what was one name before is one name still."""

import itertools
import re
import unicodedata

import pytest
from audiences.errors import SetupError
from audiences.preparation.keys import audience_key, former_key, look_alike, unfit
from audiences.preparation.request import Request

MET = [  # each pair had one folder before
    ("Женщины 30+", "Мужчины 30+"),
    ("女性", "男性"),
    ("Action lovers", "Action-lovers"),
    ("Action lovers", "Action  lovers"),
    ("Action lovers", " Action lovers"),
    ("Action lovers", "Action lovers "),
    ("Action lovers", "Action/lovers"),
    ("Action lovers", "Action\u00a0lovers"),
    ("audience", "…"),
    ("A.", "A"),
    ("Été", unicodedata.normalize("NFD", "Été")),
    ("x" * 100, "x" * 100 + "-"),
    ("é" * 99 + "a", "é" * 99 + "b"),
    ("\ud800", "\ud801"),
]


@pytest.mark.parametrize(("one", "other"), MET)
def test_names_that_met_in_one_folder_have_one_each(one, other):
    assert audience_key(one) != audience_key(other)


@pytest.mark.parametrize("name", ["Lovers", "Action lovers", "A b", "RFM_1", "v1.2 people", "30", "x" * 100])
def test_plain_words_keep_the_folder_they_had(name):
    assert audience_key(name) == former_key(name) == name.replace(" ", "-")


def test_no_two_short_names_meet_also_not_by_looking_like_a_key():
    letters = ["a", "A", "-", "_", ".", " ", "é", "e\u0301", "+", "/"]
    names = {"".join(some) for length in range(5) for some in itertools.product(letters, repeat=length)}
    keys = {name: audience_key(name) for name in names}
    assert len(set(keys.values())) == len(names)
    taken = set(keys.values())
    for key in list(taken)[:2000]:
        for copied in {key, key.replace("-", " ")} - names:  # a name written like a key that is there
            assert audience_key(copied) not in taken


@pytest.mark.parametrize("name", ["é" * 100, "女" * 100, "👩" * 100, "-" * 100, "..", "", "a/../b"])
def test_a_key_is_a_safe_and_short_folder(name):
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}", audience_key(name))


INVISIBLE = (
    0x0, 0x9, 0xA, 0xD, 0x1B, 0x7F, 0x85, 0xAD, 0x61C, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2028, 0x2029, 0x202A,
    0x202E, 0x2060, 0x2066, 0x2069, 0xFEFF, 0x3164, 0x2800, 0xD800, 0xFFFE, 0x1FFFF, 0xE0041,
)  # fmt: skip


@pytest.mark.parametrize("letter", [chr(code) for code in INVISIBLE], ids=ascii)
def test_a_name_that_nobody_can_read_as_it_is_is_refused_everywhere(letter):
    for name in (f"{letter}Lovers", f"Lov{letter}ers", f"Lovers{letter}"):
        assert f"U+{ord(letter):04X}" in unfit(name)
        with pytest.raises(SetupError, match=r"name has U\+"):
            Request(platform="meta", audience=name)


@pytest.mark.parametrize("name", ["Женщины 30+", "女性", "Été 🏖️", "a\u00a0b", "<b>=1+1", " Lovers "])
def test_other_names_are_fine(name):
    assert unfit(name) == ""


def test_a_request_keeps_the_folder_it_was_found_in():
    request = Request(platform="meta", audience="30+")
    assert re.fullmatch(r"30-[0-9a-f]{16}", request.key)
    assert Request.from_json(Request(platform="meta", audience="30+", home="30").as_json()).key == "30"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lovers", "LOVERS"),
        ("Été", unicodedata.normalize("NFD", "été")),
        ("a b", " a  b "),
        ("ß", "ss"),
        ("❤\ufe0f", "❤"),
    ],
)
def test_names_that_look_alike(one, other):
    assert look_alike(one) == look_alike(other)
    assert look_alike("Action lovers") != look_alike("Action-lovers")
