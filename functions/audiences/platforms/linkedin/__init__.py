"""LinkedIn matched audiences: a hashed address or an Android ad id, names only beside an address."""

from audiences.identity import Identifier
from audiences.identity import steps as s
from audiences.platforms.base import Platform
from audiences.platforms.linkedin.version import API_VERSION, DOCS, SUNSET


def _beside_email(*steps: s.Step) -> Identifier:
    return Identifier(steps=steps, digest="none", source=DOCS, required_with=("email",))


PLATFORM = Platform(
    slug="linkedin",
    title="LinkedIn matched audiences",
    docs=DOCS,
    api_version=API_VERSION,
    sunset=SUNSET,
    identifiers={
        "email": Identifier(steps=(s.trim, s.lower, s.email_shape()), source=DOCS),
        "first_name": _beside_email(s.trim),
        "last_name": _beside_email(s.trim),
        "country": _beside_email(s.iso2("upper")),
        # SHA256_EMAIL, SHA512_EMAIL and GOOGLE_AID are all the kinds of ids there are: no Apple ids.
        "maid": Identifier(steps=(s.trim, s.lower, s.maid), digest="none", source=DOCS, reads=("gaid",)),
    },
)
