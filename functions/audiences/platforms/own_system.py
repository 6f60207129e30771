"""What the advertiser's own systems take (CRM, e-mail service): their customers, so every value goes plain.

Klaviyo, HubSpot, Braze, Salesforce and Marketing Cloud differ in how they are reached, not in this.
"""

from __future__ import annotations

from audiences.identity import Identifier
from audiences.identity import steps as s

_STEPS: dict[str, tuple[s.Step, ...]] = {
    "email": (s.trim, s.lower, s.email_shape()),
    "phone": (s.e164("plus"),),
    "first_name": (s.trim,),
    "last_name": (s.trim,),
    "city": (s.trim,),
    "state": (s.trim,),
    "zip": (s.trim,),
    "country": (s.iso2("upper"),),
    "external_id": (s.trim,),
}
# A file's column for each field: the same words.
COLUMNS = {
    name: name
    for name in (
        "external_id",
        "email",
        "phone",
        "first_name",
        "last_name",
        "city",
        "state",
        "zip",
        "country",
    )
}


def plain_identifiers(source: str, *, without: tuple[str, ...] = ()) -> dict[str, Identifier]:
    """Return the identifiers, unhashed, but those in `without`. source: the page of the system's fields."""
    return {
        name: Identifier(steps=steps, digest="none", source=source)
        for name, steps in _STEPS.items()
        if name not in without
    }
