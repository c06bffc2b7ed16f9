"""The networks that an org's callers are approved to come from."""

from datetime import datetime
from uuid import UUID

from apps.changes import preflight as preflights
from apps.changes.kinds.base import Check, Kind, Line, Secrets, Value, in_force
from apps.changes.kinds.connection import connection_of
from apps.changes.kinds.networks import networks_in_words
from apps.common import powers
from apps.common.actors import Actor
from apps.common.decisions import Decision
from apps.common.networks import checked_networks
from apps.crm import policies
from apps.crm.callers import known_callers
from apps.crm.models import Connection
from apps.crm.services.networks import set_networks
from apps.crm.services.settings import lock_live
from apps.custody.callers import Caller
from apps.tenancy import policies as tenancy


class OrgNetworksKind(Kind):
    """`{"networks": [CIDR…]}`; an empty list means everywhere."""

    def name_of(self, target: str) -> str:
        return connection_of(target).name

    def read(self, target: str) -> Value:
        return {"networks": sorted(lock_live(connection_of(target).pk).networks)}

    def checked(self, target: str, given: Value) -> Value:
        return {"networks": checked_networks(given.get("networks", []))}

    def may_propose(self, actor: Actor, target: str) -> Decision:
        """Whoever operates the org."""
        return policies.may_operate(actor, connection_of(target))

    def may_approve(self, actor: Actor, target: str) -> Decision:
        connection_of(target)
        return tenancy.may(actor, powers.APPROVE_CHANGE)

    def preflight(self, target: str, wanted: Value, *, now: datetime) -> Value:
        """Whoever called or signed in lately, by event logs and login history."""
        connection = connection_of(target)
        return _compared(connection, wanted["networks"], now=now)

    def put_back(
        self, target: str, value: Value, *, secrets: Secrets, actor: Actor, now: datetime
    ) -> None:
        set_networks(
            actor=actor, connection_id=UUID(target), networks=list(value["networks"]), now=now
        )

    def check(
        self, target: str, wanted: Value, *, preflight: Value, since: datetime, now: datetime
    ) -> list[Check]:
        """In force, and nobody outside whom the approval did not show."""
        connection = connection_of(target)
        shown = set(preflights.blocked_in(preflight))
        outside = preflights.blocked_in(_compared(connection, wanted["networks"], now=now))
        news = [address for address in outside if address not in shown]
        words = "Nobody is outside whom the approval did not show."
        if news:
            those = "1 known caller is" if len(news) == 1 else f"{len(news)} known callers are"
            words = f"{those} outside that nobody was shown before approving."
        return [
            in_force(sorted(connection.networks) == wanted["networks"]),
            Check("callers-as-shown", not news, words),
        ]

    def lines(self, base: Value, wanted: Value) -> list[Line]:
        before, after = base["networks"], wanted["networks"]
        return [Line("Networks", networks_in_words(before), networks_in_words(after))]


def _compared(connection: Connection, after: list[str], *, now: datetime) -> Value:
    known = known_callers(connection, now=now)
    about = {each.address: each for each in known.callers}
    callers = [
        Caller(each.address, each.calls, each.refused, each.last_seen_at) for each in known.callers
    ]
    told = preflights.compare(
        callers,
        complete=known.complete,
        since=known.since,
        before=list(connection.networks),
        after=after,
    )
    for row in told["callers"]:
        caller = about[row["address"]]
        row |= {"apps": sorted(caller.apps), "accounts": sorted(caller.accounts)}
    return {**told, "sources": known.words, "watched": True}
