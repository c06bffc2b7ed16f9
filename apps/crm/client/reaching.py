"""Connecting to the very address that was checked.

A name may resolve to one address when it is looked at and to another when it is called (DNS
rebinding). So the name is resolved once for each connection, every address of the answer is judged,
and the connection is made to one of them; TLS still proves the host by its name.
Ranges: RFC 1918, RFC 4193, RFC 3927, RFC 6052, RFC 4291 §2.4.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Literal

from django.conf import settings
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

from apps.common.patience import TimedAnswer
from apps.crm.errors import PathRefused

Reach = Literal["public", "private"]
_Address = IPv4Address | IPv6Address
_OWN = [
    ip_network(each)
    for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "127.0.0.0/8", "::1")
]
_NAT64 = ip_network("64:ff9b::/96")
_UNICAST = ip_network("2000::/3")  # what IANA gives out; the rest is local, mapped or nothing yet


def is_private(address: str) -> bool:
    """Whether an address lies within one's own network, whatever form it is written in."""
    meant = _meant(address)
    return any(meant in own for own in _OWN)


def require_reachable(address: str, *, host: str, reach: Reach) -> None:
    """Raise `PathRefused` for an address at which an org's host (with its port) cannot be.

    A private path needs a private address. By the public one only hosts that the operator listed
    may lie in one's own network, and none at an address that belongs to the machine's surroundings.
    """
    name = host.removesuffix(":443")
    if reach == "private":
        if not is_private(address):
            raise PathRefused(
                f"{name} is recorded as reached by Private Connect, but it resolves to a public"
                " address. Nothing was sent. Ask your network team, then check again."
            )
        return
    meant, listed = _meant(address), _is_listed(host)
    if not _is_public(meant) and not (listed and is_private(address)):
        raise PathRefused(
            f"{name} resolves to an address inside your own network. Nothing was sent. If the org"
            " is reached by Private Connect, record that; else ask who runs your name servers."
        )


def pool_for(reach: Reach) -> type[HTTPSConnectionPool]:
    """The pool of connections that keeps to a reach."""
    return _PrivatePool if reach == "private" else _PublicPool


class _Checked(HTTPSConnection):
    """Resolves once, judges all, connects to one of them."""

    response_class = TimedAnswer
    reach: Reach

    def _new_conn(self) -> socket.socket:
        failed: Exception | None = None
        for address in self._judged():
            try:
                return create_connection(
                    (address, self.port), self.timeout,
                    source_address=self.source_address, socket_options=self.socket_options,
                )  # fmt: skip
            except TimeoutError:
                failed = ConnectTimeoutError(self, f"Connection to {self.host} timed out.")
            except OSError:
                failed = NewConnectionError(self, f"No connection to {self.host}.")
        raise failed or NewConnectionError(self, f"{self.host} has no address.")

    def _judged(self) -> list[str]:
        try:
            found = socket.getaddrinfo(self._dns_host, self.port, type=socket.SOCK_STREAM)
        except OSError as error:
            lost = error if isinstance(error, socket.gaierror) else socket.gaierror(str(error))
            raise NameResolutionError(self.host, self, lost) from error
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        for address in addresses:
            require_reachable(address, host=f"{self.host}:{self.port}", reach=self.reach)
        return addresses


class _Public(_Checked):
    reach: Reach = "public"


class _Private(_Checked):
    reach: Reach = "private"


class _PublicPool(HTTPSConnectionPool):
    ConnectionCls: Any = _Public


class _PrivatePool(HTTPSConnectionPool):
    ConnectionCls: Any = _Private


def _is_listed(host: str) -> bool:
    listed = {each.strip().lower() for each in settings.EXTRA_ORG_HOSTS}
    return host in {each if ":" in each else f"{each}:443" for each in listed}


def _is_public(meant: _Address) -> bool:
    if isinstance(meant, IPv6Address) and meant not in _UNICAST:
        return False
    return meant.is_global and not meant.is_multicast


def _meant(text: str) -> _Address:
    """The address, or the older one that it carries within itself."""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
