"""An org's login history, taken in row by row: only what is distinct is kept in memory.

https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_loginhistory.htm
"""

import ipaddress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.crm.client.org import Org
from apps.crm.models import Connection
from apps.custody.tokens import is_inside

FIELDS = "UserId, LoginTime, LoginType, SourceIp, Application, Status"
OF_AN_APP = "Remote Access"  # how the history begins the type of a sign-in by OAuth
BURST, WITHIN = 10, timedelta(minutes=15)


@dataclass
class Span:
    """From the first time something was seen to the last."""

    first_at: datetime
    last_at: datetime

    def reach(self, at: datetime) -> None:
        """Stretch it over another time."""
        self.first_at, self.last_at = min(self.first_at, at), max(self.last_at, at)


@dataclass
class SignIns:
    """What a stretch of login history holds."""

    addresses: dict[tuple[str, str], Span] = field(default_factory=dict)
    clients: dict[str, Span] = field(default_factory=dict)
    failures: dict[str, list[datetime]] = field(default_factory=dict)

    def take(self, row: dict[str, Any]) -> None:
        """Add one row of the history."""
        at, account = datetime.fromisoformat(str(row["LoginTime"])), str(row["UserId"] or "")[:18]
        address, client = _address(row.get("SourceIp")), str(row.get("Application") or "")[:120]
        if account and address:
            self.addresses.setdefault((account, address), Span(at, at)).reach(at)
        if client and str(row.get("LoginType") or "").startswith(OF_AN_APP):
            self.clients.setdefault(client, Span(at, at)).reach(at)
        if row.get("Status") != "Success":
            self.failures.setdefault(account, []).append(at)

    def bursts(self) -> dict[str, Span]:
        """Accounts with so many failures so close together, and the last such time of each."""
        found = {}
        for account, moments in self.failures.items():
            moments.sort()
            ends = zip(moments, moments[BURST - 1 :], strict=False)
            close = [Span(first, last) for first, last in ends if last - first <= WITHIN]
            if close:
                found[account] = close[-1]
        return found


def read_sign_ins(org: Org, *, since: datetime) -> SignIns:
    """What happened at or after a time. Raises `CrmError`."""
    query = (
        f"SELECT {FIELDS} FROM LoginHistory"  # noqa: S608
        f" WHERE LoginTime >= {since.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z} ORDER BY LoginTime ASC"
    )
    found = SignIns()
    for row in org.query(query):
        found.take(row)
    return found


def network_of(address: str) -> str:
    """The part of an address that a record may name: /24 of IPv4, /48 of IPv6."""
    parsed = ipaddress.ip_address(address)
    return str(ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 48), strict=False))


def is_approved(connection: Connection, address: str) -> bool:
    """Whether an org's callers may come from there; everywhere where nothing was approved."""
    return not connection.networks or is_inside(address, connection.networks)


def _address(told: Any) -> str:
    """An address as it is always written; empty for the platform's own words in its place."""
    try:
        return str(ipaddress.ip_address(str(told)))
    except ValueError:
        return ""
