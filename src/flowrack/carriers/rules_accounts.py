"""Whether an account may be kept and called: only https, only hosts that the administrator allowed. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from flowrack.carriers.types_live import AccountOf, AllowedHost
from flowrack.shared.errors import BadLine

SECRET = re.compile(r"FLOWRACK_CARRIER_[A-Z0-9_]{1,40}")
HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
NUMBERS = {
    "timeout_ms": (200, 10_000), "tries": (1, 3), "break_after": (1, 20), "break_seconds": (5, 3_600),
    "answer_minutes": (1, 1_440),
}  # fmt: skip
# NAT64 (also of the house), IPv4-translated, 6to4 and Teredo: behind each stands an IPv4 address nobody looked at.
TUNNELS = [
    ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "::ffff:0:0:0/96", "2002::/16", "2001::/32")
]
PORTS = {"https": 443, "http": 80}


class Where(NamedTuple):
    """An address in its parts."""

    scheme: str
    host: str
    port: int
    path: str


def where(address: str) -> Where | None:
    """The parts of an address; None where it is none, or carries a name, a password, a question or a fragment."""
    try:
        parts = urlsplit(address)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    is_odd = parts.username is not None or parts.password is not None or parts.query or parts.fragment
    host = (parts.hostname or "").lower()
    if (
        is_odd
        or not port
        or not HOST.fullmatch(host)
        or not address.isascii()
        or any(c in address for c in " \r\n\t\\")
    ):
        return None
    return Where(parts.scheme, host, port, parts.path.rstrip("/"))


def host_of(address: str, hosts: Sequence[AllowedHost]) -> AllowedHost | None:
    """The allowed host of an address; None where nobody allowed it, or plain http is not for it."""
    at = where(address)
    if at is None:
        return None
    found = next((one for one in hosts if (one.host.lower(), one.port) == (at.host, at.port)), None)
    return found if found is not None and (at.scheme == "https" or found.is_inside) else None


def may_connect(ip: str, *, is_inside: bool) -> bool:
    """Whether an address that a name stands for may be called: a public one, or one of the house where that is said.

    Link-local addresses, where clouds keep their secrets, never, nor those that carry an IPv4 address to elsewhere.
    """
    at = ipaddress.ip_address(ip.split("%", maxsplit=1)[0])
    if isinstance(at, ipaddress.IPv6Address) and at.ipv4_mapped is not None:
        at = at.ipv4_mapped
    if isinstance(at, ipaddress.IPv6Address) and any(at in net for net in TUNNELS):
        return False
    if at.is_link_local or at.is_multicast or at.is_unspecified:
        return False
    return is_inside or at.is_global


def faults(account: AccountOf, hosts: Sequence[AllowedHost]) -> list[BadLine]:
    """What is wrong with an account, by field."""
    bad = []
    if where(account.address) is None:
        said = "This is no address of a system."
        bad.append(BadLine(0, "address", said, "Write it as https://rates.example.com/v1, without name or password."))
    elif host_of(account.address, hosts) is None:
        said = "The administrator has not allowed this host, or not without https."
        bad.append(BadLine(0, "address", said, "Ask an administrator to add it to the allowed hosts."))
    if not SECRET.fullmatch(account.secret_env):
        said = "The name of the variable begins with FLOWRACK_CARRIER_, in capitals."
        bad.append(BadLine(0, "secret_env", said, "Write FLOWRACK_CARRIER_NORTHLINE; the secret itself stays outside."))
    if account.ca_env and not SECRET.fullmatch(account.ca_env):
        said = "The name of the variable begins with FLOWRACK_CARRIER_, in capitals."
        bad.append(BadLine(0, "ca_env", said, "Write FLOWRACK_CARRIER_NORTHLINE_CA; it holds the path of the file."))
    if not re.fullmatch(r"[A-Z]{3}", account.currency):
        bad.append(BadLine(0, "currency", "This is no currency code.", "Write three letters, such as GBP."))
    for name, (least, most) in NUMBERS.items():
        if not least <= getattr(account, name) <= most:
            bad.append(BadLine(0, name, f"Out of range: {getattr(account, name):,}.", f"Use {least:,} to {most:,}."))
    return bad


def host_faults(hosts: Sequence[AllowedHost]) -> list[BadLine]:
    """What is wrong with a list of allowed hosts, by line."""
    bad, seen = [], set()
    for n, one in enumerate(hosts, 1):
        if not HOST.fullmatch(one.host.lower()):
            bad.append(BadLine(n, "host", f"“{one.host[:60]}” is no host.", "Write a name such as rates.example.com."))
        if not 1 <= one.port <= 65_535:
            bad.append(BadLine(n, "port", f"{one.port:,} is no port.", "Use 443 where the carrier says nothing else."))
        if (one.host.lower(), one.port) in seen:
            bad.append(BadLine(n, "host", f"{one.host} stands twice.", "Keep one of the two."))
        seen.add((one.host.lower(), one.port))
    return bad
