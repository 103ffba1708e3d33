"""Where this program may connect to because somebody typed an address: loopback, and hosts that the settings name.

Whoever reaches the app can type addresses, and the machine it runs on reaches more than they do. So a host that is neither is
refused before it is even looked up, what a name resolves to is checked, and the caller connects to the very address that was
checked: a name that resolves anew to another place gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from core.errors import BadInput

PORTS = {"http": 80, "https": 443, "rtsp": 554}
"""Those of IANA's registry."""
MOST_LETTERS = 2_000
LOOPBACK_NAME = "localhost"
Ip = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Address:
    """A checked URL. ``path`` has the query with it; ``user`` and ``password`` are empty when none are given."""

    scheme: str
    host: str
    port: int
    path: str
    user: str = ""
    password: str = ""

    @property
    def shown(self) -> str:
        """For people and logs: without the password."""
        user = f"{self.user}@" if self.user else ""
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{user}{self._host}{port}{self.path}"

    @property
    def authority(self) -> str:
        """``host:port`` as a Host header has it."""
        return self._host if self.port == PORTS[self.scheme] else f"{self._host}:{self.port}"

    @property
    def _host(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host


def parse(url: str, schemes: Sequence[str], *, what: str = "address") -> Address:
    """Raises BadInput for what is no plain URL of one of ``schemes``."""
    rule = f"must be {' or '.join(f'{scheme}://host[:port]/path' for scheme in schemes)}"
    refusal = BadInput(f"{what} ({_hidden(url)}) {rule}; check how it is written")
    if len(url) > MOST_LETTERS or not url.isascii() or any(letter <= " " or letter in '\\"<>\x7f' for letter in url):
        raise refusal
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise refusal from error
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in schemes or not host or parts.fragment or port == 0 or "%" in host:
        raise refusal
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Address(parts.scheme, host, port or PORTS[parts.scheme], path, user, password)


def check_listed(address: Address, hosts: Sequence[str], variable: str, *, what: str = "address") -> None:
    """Whether ``hosts`` (host, or host:port) name it, or it is this machine; nothing is looked up. Raises BadInput."""
    if not _named(address, hosts) and not _loopback_name(address.host):
        raise BadInput(
            f"{what} ({address.shown}) must be on this machine (127.0.0.1, localhost) or on a host that {variable} names; "
            f"whoever runs this app can start it with {variable}={address.host}"
        )


def resolve(address: Address, hosts: Sequence[str], variable: str, *, what: str = "address") -> str:
    """The IP address to connect to, and to no other. Raises BadInput for a place that is not allowed or not found."""
    check_listed(address, hosts, variable, what=what)
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise BadInput(f"{what} ({address.shown}) must have a host that can be found ({error}); check its name") from error
    places = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    here = _loopback_name(address.host)
    sound = [place for place in places if (_plain(place).is_loopback if here else _routed(place) or place == address.host)]
    if not sound:
        raise BadInput(f"{what} ({address.shown}) must not lead to {places[0]}; name a host with an ordinary address")
    return sound[0]


def host_list(text: str) -> tuple[str, ...]:
    """The hosts of a setting such as ``hooks.example.org, 192.168.1.20:8080``."""
    return tuple(part.strip().lower().rstrip(".") for part in text.split(",") if part.strip())


def _named(address: Address, hosts: Sequence[str]) -> bool:
    host = f"[{address.host}]" if ":" in address.host else address.host
    return any(entry in (address.host, host, f"{host}:{address.port}") for entry in hosts)


def _loopback_name(host: str) -> bool:
    """By its own writing: a name that merely resolves to this machine is another's, and is not looked up."""
    if host == LOOPBACK_NAME:
        return True
    try:
        return _plain(host).is_loopback
    except ValueError:
        return False


def _routed(place: str) -> bool:
    """Not link-local (where clouds keep their secrets), not everybody, not nobody."""
    ip = _plain(place)
    return not (ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved)


def _plain(place: str) -> Ip:
    ip = ipaddress.ip_address(place.split("%")[0])
    return (ip.ipv4_mapped or ip) if isinstance(ip, ipaddress.IPv6Address) else ip


def _hidden(url: str) -> str:
    """Of an address that could not be read: its beginning, without what may be a password."""
    before, at, after = url.rpartition("@")
    return repr(f"...@{after}"[:60] if at and before else url[:60])
