"""Which addresses may be connected to: only public ones, and those that the operator allows by setting."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], list[str]]
SETTING = "FEEDGUARD_ALLOWED_NETWORKS"

_REFUSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16",
        "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
"""IANA's special-purpose registries, and the ways to write an IPv4 address inside an IPv6 one."""


class AddressRefused(Exception):
    """This address may not be connected to; the message names the setting by which an operator can allow it."""

    permanent = True


@dataclass(frozen=True)
class Target:
    """One checked address of one URL."""

    scheme: str
    host: str
    port: int
    address: str


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host, by the system's resolver."""
    return list(dict.fromkeys(str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


def check_url(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a URL that may be asked for. Raises AddressRefused for odd forms."""
    if len(url) > 2000 or re.search(r"[\x00-\x20\x7f\\]", url):
        raise AddressRefused("This is no web address: it holds spaces, backslashes or control characters.")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (
            (parts.hostname or "").encode("idna").decode()
            if ":" not in (parts.hostname or "")
            else parts.hostname or ""
        )
    except (ValueError, UnicodeError):
        raise AddressRefused("This is no web address: the host or the port cannot be read.") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise AddressRefused("Give an address that begins with http:// or https://.")
    if "@" in parts.netloc:
        raise AddressRefused("Addresses with a user name or password in them are not opened.")
    if _looks_like_a_number(host):
        raise AddressRefused("Write the address of a host as four plain numbers, or by its name.")
    return parts.scheme, host, port or (443 if parts.scheme == "https" else 80)


def _looks_like_a_number(host: str) -> bool:
    """Decimal, octal, hexadecimal and short forms of IPv4 that some resolvers would take."""
    last = host.rstrip(".").rpartition(".")[2]
    if ":" in host or not re.fullmatch(r"\d+|0x[0-9a-f]*", last, re.IGNORECASE):
        return False
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return True
    return False


def check_address(address: str, host: str, port: int, networks: Iterable[IPNetwork], hosts: Iterable[str]) -> None:
    """Raises AddressRefused unless the address is public or allowed by the operator."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if f"{host}:{port}" in hosts or any(found in network for network in networks if network.version == found.version):
        return
    if not found.is_global or found.is_multicast or any(found in n for n in _REFUSED if n.version == found.version):
        raise AddressRefused(
            f"{host} is at an address ({found}) that is not public. If it is yours, the operator can allow it by the "
            f"setting {SETTING}."
        )
