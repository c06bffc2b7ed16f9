"""Networks that people type, in one way of writing."""

import ipaddress
from collections.abc import Sequence

from apps.common.errors import Invalid

MOST_NETWORKS = 50


def checked_networks(given: object, *, field: str = "networks", everywhere: str = "") -> list[str]:
    """Networks in CIDR form, sorted, each once. Raises `Invalid`; `everywhere` says what to do
    instead of naming the whole internet."""
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise Invalid("Give the networks as a list.", field=field)
    if len(given) > MOST_NETWORKS:
        raise Invalid(f"At most {MOST_NETWORKS} networks fit.", field=field)
    advice = everywhere or "Leave the list empty to allow every address."
    return sorted({_network(str(each).strip(), field, advice) for each in given})


def _network(text: str, field: str, advice: str) -> str:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise Invalid(
            f"{text[:43]!r} is no network. Write it like 203.0.113.0/24.", field=field
        ) from error
    if network.prefixlen == 0:
        raise Invalid(f"That is the whole internet. {advice}", field=field)
    return str(network)
