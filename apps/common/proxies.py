"""Whose address a call comes from when reverse proxies stand before the console.

The geofence of emergency access and the lockouts judge addresses, and a proxy's own says nothing
about the caller. `X-Forwarded-For` is believed for as long as the proxies named in
`BAILIWICK_PROXIES` wrote it: read from the right, the first address that is none of them counts.
Anything else in the header was written by the caller.
"""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Address = IPv4Address | IPv6Address


class CallerAddress:
    """Puts the caller's address where everything reads it: `REMOTE_ADDR`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
        if settings.PROXIES and forwarded:
            peer = request.META.get("REMOTE_ADDR", "")
            request.META["REMOTE_ADDR"] = caller(peer, forwarded)
        return self.get_response(request)


def caller(peer: str, forwarded: str) -> str:
    """The right-most address that is no proxy of ours; "" where a proxy wrote no address."""
    for text in reversed([*forwarded.split(","), peer]):
        address = _address(text.strip())
        if address is None:
            return ""
        if not _is_proxy(address):
            return str(address)
    return ""


def _address(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _is_proxy(address: Address) -> bool:
    return any(address in ip_network(network) for network in settings.PROXIES)
