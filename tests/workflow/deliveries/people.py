"""Invented people, the files that tell of them, and the forms in which platforms are told of one."""

import base64
import csv
import hashlib
import io

PEOPLE = 200
OPTED_OUT, REFUSED, NO_ADDRESS = 0, 1, 2  # the three of whom no platform may hear


def address(n):
    return f"person{n:03d}@example.com"


def digest(n):
    return hashlib.sha256(address(n).encode()).hexdigest()


def digests(people):
    return {digest(n) for n in people}


def forms(n):
    """How somebody is written in a request: hashed in hex or in base64, or the address itself."""
    raw = hashlib.sha256(address(n).encode()).digest()
    return address(n).encode(), raw.hex().encode(), base64.b64encode(raw)


def told_of(text):
    """The people of whom a request's body, or a file, tells."""
    return {n for n in range(PEOPLE) if any(form in text for form in forms(n))}


def identities():
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    writer.writerow(["user_id", "email", "country", "consent_ads"])
    for n in range(PEOPLE):
        mail = "" if n == NO_ADDRESS else address(n).title()
        writer.writerow([f"u{n}", mail, "US", "no" if n == REFUSED else "yes"])
    return rows.getvalue()


def suppressions():
    return f"user_id\nu{OPTED_OUT}\n"


def segment(people):
    return "user_id\n" + "".join(f"u{n}\n" for n in people)
