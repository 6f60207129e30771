"""Country names in their own languages are CLDR's, by way of Babel, and those of the package are the same.

Babel stays on the developer's machine. To renew the file after a new edition of it (`requirements/dev.txt`):
`PYTHONPATH=functions .venv/bin/python tests/functional/audiences/identity/test_country_names.py`
"""

import json
from collections import defaultdict
from pathlib import Path

import audiences
from audiences.identity.country_names import COUNTRIES
from audiences.identity.places import fold_name

FILE = Path(audiences.__file__).with_name("identity") / "country_names.json"
# The languages in which countries keep their registers, and customers write where they live.
LANGUAGES = """
af am ar ar_EG az az_Cyrl be bg bn bs bs_Cyrl ca cs cy da de de_AT de_CH el en en_GB es es_MX et eu fa fi fil fo fr
fr_CA ga gl gu ha he hi hr hu hy id is it ja ka kk km kn ko ky lb lo lt lv mk ml mn mr ms mt my nb ne nl nn pa pl ps
pt pt_PT rm ro ru rw si sk sl so sq sr sr_Latn sv sw ta te tg th tk tr uk ur uz uz_Cyrl vi zh zh_Hant zh_Hant_HK zu
"""
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


def known_by_hand():
    return {fold_name(name): row[0] for row in _rows() for name in row}


def _rows():
    return [line.split("|") for line in COUNTRIES.strip().splitlines()]


def _spellings(language, name):
    """Yield a name, what stands before its brackets, and German umlauts as two letters."""
    yield name
    yield name.partition("(")[0].strip()
    if language.startswith("de"):
        yield name.translate(UMLAUTS)


def collect():
    """Return CLDR's names by country, without those that are known by hand, too short, or of two countries."""
    from babel import Locale

    codes = {row[0] for row in _rows()}
    meanings = defaultdict(set)
    for language in LANGUAGES.split():
        for code, name in Locale.parse(language).territories.items():
            if code in codes:
                for spelling in _spellings(language, name):
                    meanings[fold_name(spelling)].add(code)
    by_hand = known_by_hand()
    names = defaultdict(list)
    for name, found in sorted(meanings.items()):
        # Three Latin letters are a code of ISO's, or an abbreviation that is one in another language.
        if len(found) == 1 and name not in by_hand and not (name.isascii() and len(name) < 4):
            names[next(iter(found))].append(name)
    return dict(sorted(names.items()))


def write_file():
    """Write a line a country, so that a change can be read."""
    lines = [
        f"{json.dumps(code)}: {json.dumps(names, ensure_ascii=False)}" for code, names in collect().items()
    ]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def test_the_names_are_cldrs():
    assert json.loads(FILE.read_text(encoding="utf-8")) == collect()


if __name__ == "__main__":
    write_file()
