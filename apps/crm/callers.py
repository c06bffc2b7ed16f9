"""From where an org's callers come, as its event logs and its login history tell.

Accounts are named by their ids in the org. What no log covers is unknown, and said so.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address

from django.db.models import Count, Max, Q

from apps.crm.eventlogs.coverage import covered, types_of_calls
from apps.crm.eventlogs.parsing import short_id
from apps.crm.models import Connection, LogRow, Sighting

WINDOW = timedelta(days=30)
HOUR = timedelta(hours=1)
LATE = timedelta(days=2)  # logs of the last days may still be on their way
REFUSED = ("401", "403")


@dataclass(slots=True)
class OrgCaller:
    """One address in the window. Sign-ins alone count no calls."""

    address: str
    last_seen_at: datetime
    apps: set[str]
    accounts: set[str]
    calls: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class KnownCallers:
    """Callers by address; `complete` when logs cover the window and each call has an address."""

    callers: list[OrgCaller]
    complete: bool
    since: datetime
    words: str


def known_callers(connection: Connection, *, now: datetime) -> KnownCallers:
    """Everyone who called or signed in during the last 30 days, the busiest first."""
    since = now - WINDOW
    found: dict[str, OrgCaller] = {}
    every_call_has_one = _from_logs(connection, found, since=since, until=now)
    signed_in = _from_sign_ins(connection, found, since=since)
    hours = _hours_covered(connection, since=since, until=now)
    whole = int(WINDOW / HOUR)
    return KnownCallers(
        callers=sorted(found.values(), key=lambda each: (-each.calls, each.address)),
        complete=every_call_has_one and signed_in and hours >= (WINDOW - LATE) / HOUR,
        since=since,
        words=_words(hours, whole, every_call_has_one, signed_in),
    )


def _from_logs(
    connection: Connection, found: dict[str, OrgCaller], *, since: datetime, until: datetime
) -> bool:
    """Take in the calls. Whether each of them tells its address."""
    rows = LogRow.objects.filter(
        connection=connection,
        event_type__in=types_of_calls(connection),
        at__gte=since,
        at__lt=until,
    )
    groups = rows.values("address", "app_name", "user_id").annotate(
        calls=Count("pk"), refused=Count("pk", filter=Q(status__in=REFUSED)), last=Max("at")
    )
    complete = True
    for group in groups.order_by("address", "app_name", "user_id").iterator():
        address = _address(group["address"])
        if not address:
            complete = False
            continue
        caller = _caller(found, address, group["last"])
        caller.calls += group["calls"] - group["refused"]
        caller.refused += group["refused"]
        caller.apps |= {group["app_name"]} - {""}
        caller.accounts |= {group["user_id"]} - {""}
    return complete


def _from_sign_ins(connection: Connection, found: dict[str, OrgCaller], *, since: datetime) -> bool:
    """Take in where integration accounts signed in from. Whether any was ever seen."""
    seen = Sighting.objects.filter(connection=connection, kind=Sighting.Kind.ADDRESS)
    for row in seen.filter(last_at__gte=since):
        address = _address(row.name)
        if address:
            _caller(found, address, row.last_at).accounts.add(short_id(row.account))
    return bool(seen.exists())


def _caller(found: dict[str, OrgCaller], address: str, at: datetime) -> OrgCaller:
    caller = found.setdefault(address, OrgCaller(address, at, set(), set()))
    caller.last_seen_at = max(caller.last_seen_at, at)
    return caller


def _hours_covered(connection: Connection, *, since: datetime, until: datetime) -> int:
    windows = covered(connection, types_of_calls(connection), since=since, until=until)
    return int(sum((end - start for start, end in windows), timedelta()) / HOUR)


def _words(hours: int, whole: int, every_call_has_one: bool, signed_in: bool) -> str:
    parts = [
        f"Event logs cover {hours} of the last {whole} hours."
        if hours
        else "There are no event logs of calls in the last 30 days."
    ]
    if not every_call_has_one:
        parts.append("Some calls tell no address.")
    parts.append(
        "Sign-ins are those of integration accounts, from the login history."
        if signed_in
        else "No sign-in of an integration account was read from the login history."
    )
    return " ".join(parts)


def _address(told: str) -> str:
    """An address as it is always written; empty for the platform's own words in its place."""
    try:
        return str(ip_address(told.strip()))
    except ValueError:
        return ""
