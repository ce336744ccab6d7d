"""Which receivers we speak to: public ones alone, whatever a name points to."""

import ipaddress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

from tenants.core.text import _m

LONGEST = 500
# Global by the registry, but inside for us: tunnels that carry other addresses, and the one at
# which a cloud's machines find their own settings.
REFUSED = [
    ipaddress.ip_network(one)
    for one in (
        "168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24", "::/96", "64:ff9b::/96", "64:ff9b:1::/48",
        "2001::/23", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
    )
]  # fmt: skip

NOT_AN_ADDRESS = _m("Write the whole address, like https://hooks.example.com/coulisse.")
ONLY_HTTPS = _m("The address has to begin with https://.")
NO_PASSWORD = _m("Leave name and password out of the address: the signature proves who sends.")
NO_FRAGMENT = _m("Leave out what follows the #: it is never sent.")
WRONG_PORT = _m("Use port 443, or one from 1024 on.")
NOT_PUBLIC = _m("This address is not on the public internet: we can't send there.")


@dataclass(frozen=True, slots=True)
class Target:
    """`local` receivers on this machine are for tests and demonstrations."""

    scheme: str
    host: str
    port: int
    path: str
    shown: str


class AddressRefused(ValueError):
    """Its text is a message id."""


def is_public(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = getattr(found, "ipv4_mapped", None)
    if inner is not None:
        return False
    return _is_global(found) and not any(
        found in one for one in REFUSED if one.version == found.version
    )


def _is_global(found: IPv4Address | IPv6Address) -> bool:
    special = found.is_multicast or found.is_reserved or found.is_link_local or found.is_loopback
    return found.is_global and not special


def is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def read_url(url: str, *, local: bool = False) -> Target:
    """AddressRefused for what we would never send to."""
    try:
        parts = urlsplit(url)
        port = parts.port
        host = _ascii(parts.hostname or "")
    except (ValueError, UnicodeError) as error:
        raise AddressRefused(NOT_AN_ADDRESS) from error
    if not host or len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url:
        raise AddressRefused(NOT_AN_ADDRESS)
    here = local and host in ("localhost", "127.0.0.1", "::1")
    if parts.scheme != "https" and not (here and parts.scheme == "http"):
        raise AddressRefused(ONLY_HTTPS)
    if parts.username is not None or parts.password is not None:
        raise AddressRefused(NO_PASSWORD)
    if parts.fragment or url.endswith("#"):
        raise AddressRefused(NO_FRAGMENT)
    port = port if port is not None else (443 if parts.scheme == "https" else 80)
    if port != 443 and port < 1024:
        raise AddressRefused(WRONG_PORT)
    if not here and _is_inside(host):
        raise AddressRefused(NOT_PUBLIC)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path, parts.netloc)


def _ascii(host: str) -> str:
    if ":" in host:
        return host
    return host.encode("idna").decode()


def _is_inside(host: str) -> bool:
    """Names are judged when they are looked up; what is plain already is said at once."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." not in host.rstrip(".") or host.rstrip(".").endswith(
            (".localhost", ".local", ".internal")
        )
    return not is_public(host)
