"""What is new or too much in an org's sign-ins becomes an entry of the ledger, once each.

The first look at an org only learns its addresses. A record names an account by its id in the org
and an address by its network: the ledger keeps no personal data.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from apps.common.actors import ServiceActor
from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.crm import errors
from apps.crm.anomalies.models import Sighting
from apps.crm.anomalies.signins import SignIns, Span, is_approved, network_of, read_sign_ins
from apps.crm.client.org import Org
from apps.crm.models import Connection, Snapshot, SnapshotAccount, SnapshotApp, SnapshotToken
from apps.crm.selectors import latest_snapshot
from apps.ledger import selectors as entries
from apps.ledger import services as ledger

WATCH = ServiceActor("crm")
NOTICED = "crm.anomaly.noticed"
FIRST_LOOK = timedelta(days=7)
OVERLAP = timedelta(minutes=30)  # rows become visible late
QUIET = timedelta(hours=1)  # a burst that goes on is told once
REFUSALS, REFUSED_WITHIN = 5, timedelta(hours=2)  # the broker rests 15 minutes after each


def watch_sign_ins(org: Org, *, tenant_id: UUID, connection_id: UUID) -> bool:
    """Look at what happened since the last time. False where the org does not show its history.

    Call it with no scope open. Raises `CrmError` for anything but that refusal.
    """
    with scoped(tenant_id=tenant_id):
        since = _since(connection_id, now=database_now())
    try:
        found = read_sign_ins(org, since=since)
    except (errors.AccessRefused, errors.QueryRefused):
        return False
    with scoped(tenant_id=tenant_id):
        connection = Connection.objects.select_for_update().get(pk=connection_id)
        _notice(connection, found, now=database_now())
    return True


def note_refusals(connection: Connection, *, now: datetime) -> None:
    """Tell once that the org refuses the console's own sign-in again and again."""
    refused = entries.list_events(
        action="crm.token.refused", target_id=str(connection.pk), since=now - REFUSED_WITHIN
    )
    if refused.count() == REFUSALS:
        words = f"The org refused the console's sign-in {REFUSALS} times in two hours"
        _record(connection, "own_sign_in_refused", "", words, now=now)


def _since(connection_id: UUID, *, now: datetime) -> datetime:
    newest = Sighting.objects.filter(connection_id=connection_id).order_by("-last_at").first()
    return newest.last_at - OVERLAP if newest else now - FIRST_LOOK


def _notice(connection: Connection, found: SignIns, *, now: datetime) -> None:
    snapshot = latest_snapshot(connection)
    if snapshot is not None:
        _addresses(connection, found, _integration_users(snapshot), now=now)
        _clients(connection, found, _known_clients(snapshot), now=now)
    _bursts(connection, found, now=now)


def _integration_users(snapshot: Snapshot) -> set[str]:
    accounts = SnapshotAccount.objects.filter(snapshot=snapshot, is_integration=True)
    return set(accounts.values_list("org_user_id", flat=True))


def _known_clients(snapshot: Snapshot) -> set[str]:
    apps = SnapshotApp.objects.filter(snapshot=snapshot).values_list("label", "developer_name")
    tokens = SnapshotToken.objects.filter(snapshot=snapshot).values_list("app_name", flat=True)
    names = {name for pair in apps for name in pair} | set(tokens.distinct())
    return {name.casefold() for name in names}


def _addresses(
    connection: Connection, found: SignIns, accounts: set[str], *, now: datetime
) -> None:
    """An integration user comes from few places; people do not, so theirs are left alone."""
    known = Sighting.objects.filter(connection=connection, kind=Sighting.Kind.ADDRESS)
    met = set(known.values_list("account", flat=True))
    for (account, address), span in found.addresses.items():
        if account not in accounts:
            continue
        is_new = _saw(connection, Sighting.Kind.ADDRESS, span, account=account, name=address)
        network = network_of(address)
        if is_new and not is_approved(connection, address):
            words = f"An integration user signed in from outside the approved networks: {network}"
            _record(connection, "outside_networks", f"{account}|{network}", words, now=now)
        elif is_new and account in met:
            words = f"An integration user signed in from a new address, in {network}"
            _record(connection, "new_address", f"{account}|{network}", words, now=now)


def _clients(connection: Connection, found: SignIns, known: set[str], *, now: datetime) -> None:
    for client, span in found.clients.items():
        is_new = _saw(connection, Sighting.Kind.CLIENT, span, name=client)
        if is_new and client.casefold() not in known:
            words = f"A client that the inventory does not know signed in: {client}"
            _record(connection, "unknown_client", client, words, now=now)


def _bursts(connection: Connection, found: SignIns, *, now: datetime) -> None:
    for account, span in found.bursts().items():
        told = Sighting.objects.filter(
            connection=connection, kind=Sighting.Kind.BURST, account=account
        ).first()
        last = told.last_at if told else None
        if _saw(connection, Sighting.Kind.BURST, span, account=account) or (
            last is not None and span.first_at - last > QUIET
        ):
            words = f"Sign-ins of one account failed in a burst: {account}"
            _record(connection, "failed_sign_ins", account, words, now=now)


def _saw(
    connection: Connection, kind: Sighting.Kind, span: Span, *, account: str = "", name: str = ""
) -> bool:
    """Keep a sighting. Whether it is the first of its kind."""
    row, is_new = Sighting.objects.get_or_create(
        connection=connection,
        kind=kind,
        account=account,
        name=name,
        defaults={"first_at": span.first_at, "last_at": span.last_at},
    )
    if not is_new and span.last_at > row.last_at:
        row.last_at = span.last_at
        row.save(update_fields=["last_at"])
    return bool(is_new)


def _record(connection: Connection, code: str, about: str, words: str, *, now: datetime) -> None:
    data: dict[str, Any] = {"code": code, "words": words}
    if about:
        data["about"] = about
    ledger.record(actor=WATCH, action=NOTICED, target=connection, at=now, data=data)
