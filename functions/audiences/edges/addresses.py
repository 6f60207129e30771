"""Where a request may go, and what may go along: the rules; `http.py` holds every connection to them.

Data of customers goes to the platform's own host, and to the hosts it declares (`Uploader.hosts`): its token
endpoint, and the storage whose addresses its answers name. Credentials go to the first alone.
"""

from __future__ import annotations

import ipaddress
import os
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from audiences.errors import SetupError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ANYWHERE = frozenset({"accept", "content-type", "content-length", "user-agent"})  # headers that open nothing
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # IPv4 by way of IPv6: https://www.rfc-editor.org/rfc/rfc6052
_UNSENDABLE = re.compile(r"[^\t\x20-\x7e\xa0-\xff]").search


def has_stand_ins() -> bool:
    """Tell whether this process may talk to stand-ins on this machine: the embedded AWS says so, and only it.

    No deployed function can be told so: AWS Lambda sets AWS_LAMBDA_RUNTIME_API, a reserved name that no template
    can change, and a test holds that no template knows the other name.
    """
    return os.environ.get("AUDIENCES_STAND_INS") == "1" and "AWS_LAMBDA_RUNTIME_API" not in os.environ


def check_address(url: str, *, stand_ins: bool = False) -> str:
    """Return an address that customers' data may be sent to: https, or with `stand_ins` http to this machine."""
    host = host_of(url)
    parts = urlsplit(url if host else "")
    safe = parts.scheme == "https" and host not in LOOPBACK
    local = stand_ins and parts.scheme in ("http", "https") and host in LOOPBACK
    if host and (safe or local) and parts.username is None and parts.password is None:
        return url
    raise SetupError(
        f"{parts.scheme}://{host} is no address to send customer data to.",
        "It must be https, to another machine, and without a name and password in it.",
        "Correct base_url in the platform's secret.",
    )


def host_of(url: str) -> str:
    """Return the host of an address, "" when there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:  # "https://[x"
        return ""


def check_journey(
    target: str, base: str, hosts: Iterable[str], headers: Mapping[str, str], *, stand_ins: bool = False
) -> None:
    """Refuse a request to a host that is not declared, and credentials on their way elsewhere.

    hosts: besides the base address's own, where `*` stands for anything: `*.s3.amazonaws.com`.
    """
    if urlsplit(target)[:2] == urlsplit(base)[:2]:
        return
    host = host_of(target)
    declared = (urlsplit(target).port in (None, 443)) and any(fnmatchcase(host, known) for known in hosts)
    if not declared and not (stand_ins and host in LOOPBACK):
        raise SetupError(
            f"A request was about to go to {host}.",
            "An answer of the platform named that address, and it is none of the platform's known hosts.",
            "Report this with the platform's name.",
        )
    if any(name.lower() not in _ANYWHERE for name in headers):
        raise SetupError(
            f"A request with credentials was about to go to {host}.",
            "An answer of the platform named that address, and credentials stay with the platform.",
            "Report this with the platform's name.",
        )


def check_headers(headers: Mapping[str, str], host: str) -> None:
    """Refuse a header that cannot be sent, without its value: the libraries would put that into their error."""
    for name, value in headers.items():
        if _UNSENDABLE(value):
            raise SetupError(
                f"The header {name} for {host} holds a line break, or a letter that no header can hold.",
                "It is made of the platform's secret.",
                "Put the value in again, on one line: docs/how-to/rotate-a-secret.md.",
            )


def check_number(number: str, host: str, *, stand_ins: bool = False) -> None:
    """Refuse an IP address that is not on the public internet, whatever name it was found under.

    Link-local addresses hold the credentials of the machine (169.254.169.254), private ones the company's.
    """
    address = _plain_address(number)
    if address.is_global and not address.is_multicast:
        return
    if stand_ins and address.is_loopback:
        return
    raise SetupError(
        f"{host} is no host on the public internet.",
        "Its name leads to a private, local or reserved address.",
        "Correct base_url in the platform's secret. If it is right, report this with the platform's name.",
    )


def _plain_address(number: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return an address as it ends up: IPv4 that is written as IPv6 is IPv4."""
    address = ipaddress.ip_address(number.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return inner or address
    return address
