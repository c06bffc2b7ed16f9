"""By which path an org is reached, and whether its zone allows that path.

Private Connect gives an org's host an address inside one's own network; a public address under a
host that is recorded as private means that the traffic leaves it.
https://help.salesforce.com/s/articleView?id=sf.private_connect_overview.htm
"""

import socket

from apps.crm import errors
from apps.crm.client import reaching
from apps.crm.client.reaching import Reach
from apps.crm.models import Connection, PrivateZone

MOST_ADDRESSES = 16


def resolve(host: str) -> list[str]:
    """The addresses that a host resolves to now; none when it does not resolve."""
    try:
        found = socket.getaddrinfo(host.partition(":")[0], None, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return sorted({str(each[4][0]) for each in found})[:MOST_ADDRESSES]


def is_private(addresses: list[str]) -> bool:
    """Whether there are addresses and every one lies in one's own network."""
    return bool(addresses) and all(reaching.is_private(each) for each in addresses)


def reach_of(connection: Connection) -> Reach:
    """At which addresses the org may be called; each connection is judged by them anew."""
    return "private" if connection.path == Connection.Path.PRIVATE_CONNECT else "public"


def is_private_required(connection: Connection) -> bool:
    """Whether the zone of the org lets it be called by a private path only."""
    return bool(PrivateZone.objects.filter(zone_id=connection.zone_id).exists())


def may_be_called(connection: Connection, *, private_only: bool) -> bool:
    """Whether an org would be called under such a rule of its zone."""
    if connection.path != Connection.Path.PRIVATE_CONNECT:
        return not private_only
    return connection.resolved_at is None or is_private(connection.resolved_to)


def require_path(connection: Connection) -> None:
    """Raise `PathRefused` where the zone or the record asks for a private path that is not there.

    Judged by the addresses of the last check of the org.
    """
    recorded = connection.path == Connection.Path.PRIVATE_CONNECT
    if not recorded and not is_private_required(connection):
        return
    if not recorded:
        raise errors.PathRefused(
            f"The zone {connection.zone.name} allows a private path only, and this org is recorded"
            " as reached over the public internet. Set up Private Connect and record it here."
        )
    if connection.resolved_at is not None and not is_private(connection.resolved_to):
        raise errors.PathRefused(
            "This org is recorded as reached by Private Connect, but its host resolves to a public"
            " address. Nothing was sent. Ask your network team, then check again."
        )
