"""Ranges of addresses as metadata writes them: a first and a last."""

from ipaddress import IPv4Address, IPv6Address, ip_address

# A range of more addresses than a /8 of IPv4 or a /32 of IPv6 (what a whole provider is given,
# RFC 6177 and the registries' policies) is nobody's own network.
WIDEST_V4, WIDEST_V6 = 2**24, 2**96
Address = IPv4Address | IPv6Address


def width_of(first: str, last: str) -> str:
    """ "all" for a range of every address, "wide" for more than an own network, "" for others.

    What is no range of one family is "": the org refuses to keep it.
    """
    start, end = _address(first), _address(last)
    if start is None or end is None or start.version != end.version:
        return ""
    size = int(end) - int(start) + 1
    if size >= 2 ** (start.max_prefixlen - 1):  # half of all, or all but some
        return "all"
    return "wide" if size > (WIDEST_V4 if start.version == 4 else WIDEST_V6) else ""


def _address(text: str) -> Address | None:
    try:
        return ip_address(text.strip())
    except ValueError:
        return None
