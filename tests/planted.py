"""Somebody who must be found nowhere: planted into files, answers and secrets, then looked for in every word.

The person is invented: a reserved domain, numbers of series that nobody is given.
"""

import hashlib
from urllib.parse import unquote

EMAIL = "planted-7f3a@example.com"
PHONE = "+12025550177"
NATIONAL = "(202) 555-0177"
NAME = "Plantina Wurzelbaum"
USER = "plant-user-7f3a"
TOKEN = "plantTok3n7f3aSecret"
DIGEST = hashlib.sha256(EMAIL.encode()).hexdigest()
MD5 = hashlib.md5(EMAIL.encode()).hexdigest()  # as some platforms quote it
SENTENCE = (
    f"The user {NAME} <{EMAIL}>, {PHONE} or {NATIONAL}, planted-7f3a%40example.com, id {USER}, "
    f'quoted "{NAME}", hash {DIGEST} and {MD5}, Authorization: Bearer {TOKEN}, is not wanted.'
)
_TRACES = (
    "planted-7f3a",
    "plantina",
    "wurzelbaum",
    "5550177",
    "555-0177",
    "plant-user",
    "planttok3n",
    DIGEST,
    MD5,
)


def traces_in(*texts):
    """Return the traces of the planted person in texts, each with the words around it."""
    found = []
    for text in map(str, texts):
        for form in {text, unquote(text)}:
            at = {trace: form.lower().find(trace) for trace in _TRACES}
            found += [f"{trace}: …{form[max(0, n - 60) : n + 60]}…" for trace, n in at.items() if n >= 0]
    return sorted(set(found))
