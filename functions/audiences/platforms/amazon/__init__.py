"""Amazon Ads audiences: a to z and 0 to 9 survive, as in AWS's own uploader; Amazon's page is not public.

AWS's solution (retired, Apache-2.0) is the nearest to Amazon's word there is: its address rules are copied from
Amazon Ads' own library. Where partners differ from it (`_` in addresses, umlauts, states, ZIP), it is followed.
"""

from audiences.identity import Identifier
from audiences.identity import steps as s
from audiences.platforms.amazon.version import API_VERSION, CONSENT, DOCS, SUNSET
from audiences.platforms.base import Platform

_PARTNER = (
    "https://github.com/segmentio/action-destinations/tree/main/packages/destination-actions/src/destinations/"
    "amazon-amc"
)
_AWS = "https://github.com/aws-solutions/amazon-marketing-cloud-uploader-from-aws/tree/main/source/glue/normalizers"
_PLAIN = (s.lower, s.spell_out, s.keep("a-z0-9"))


def _plain(*first: s.Step) -> Identifier:
    return Identifier(steps=(*first, *_PLAIN), source=_AWS, confidence="low")


PLATFORM = Platform(
    slug="amazon",
    title="Amazon Ads",
    docs=DOCS,
    api_version=API_VERSION,
    sunset=SUNSET,
    identifiers={
        "email": Identifier(
            # Checked before anything is dropped, or "Jane <jane@…>" would become the address of somebody else.
            steps=(s.trim, s.lower, s.email_shape(), s.ascii_only(), s.keep("a-z0-9_.@\\-"), s.email_shape()),
            source=_AWS,
            confidence="low",
        ),
        "phone": Identifier(steps=(s.e164("digits"),), source=_AWS, confidence="low"),
        "first_name": _plain(),
        "last_name": _plain(),
        "city": _plain(),
        "state": _plain(s.state_abbrev()),
        "zip": Identifier(steps=(s.zip_upper(),), source=_AWS, confidence="low"),
        "country": Identifier(steps=(s.iso2("upper"),), digest="none", source=_PARTNER, confidence="low"),
        # IAB Tech Lab: TCF strings are base64url with dots, GPP strings have "~" between their sections.
        "tcf_string": Identifier(
            steps=(s.trim, s.matches(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")), digest="none", source=CONSENT
        ),
        "gpp_string": Identifier(
            steps=(s.trim, s.matches(r"[A-Za-z0-9_.~-]+")), digest="none", source=CONSENT
        ),
        "external_id": Identifier(
            steps=(s.trim, s.matches(r"[0-9a-zA-Z_-]{1,128}")),
            digest="none",
            source=_PARTNER,
            confidence="low",
        ),
    },
)
