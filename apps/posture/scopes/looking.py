"""Looking at an org's newest snapshot once, and telling what it shows as findings."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from django.db import transaction
from django.db.models import Count

from apps.crm import selectors as crm
from apps.crm.eventlogs.usage import Usage
from apps.crm.models import Connection, Snapshot, SnapshotAccount, SnapshotAssignment, SnapshotToken
from apps.ledger import selectors as ledger
from apps.ledger import services as recording
from apps.posture import selectors
from apps.posture.findings.reporting import LOOKOUT, is_older, report_finding, settle_absent
from apps.posture.models import Finding
from apps.posture.revocations.returning import find_returned, mark_returned
from apps.posture.scopes import kinds
from apps.posture.scopes.holding import Account, account_of
from apps.posture.scopes.judging import (
    Fault,
    faults_of_accounts,
    faults_of_apps,
    faults_of_returned,
    faults_of_strangers,
)

LOOKED = "posture.snapshot.judged"
SOURCE = Finding.Source.SCOPES


def look_at_new(*, now: datetime) -> int:
    """Look at each org's newest finished snapshot that was not judged yet; how many."""
    looked = 0
    for snapshot in crm.latest_snapshots(Connection.objects.all()).values():
        if not ledger.list_events(action=LOOKED, target_id=str(snapshot.pk)).exists():
            judge_snapshot(snapshot, now=now)
            looked += 1
    return looked


@transaction.atomic
def judge_snapshot(snapshot: Snapshot, *, now: datetime) -> int:
    """Report what a snapshot shows; what a complete one no longer shows is settled. How many.

    What somebody said to have fixed after the snapshot was taken waits for a later one.
    """
    connection = snapshot.connection
    returned = find_returned(snapshot)
    for each in returned:
        mark_returned(each, snapshot, now=now)
    usage = selectors.use_until(connection, snapshot.taken_at)
    told = chain(_faults(snapshot, usage), faults_of_returned(returned))
    faults = {(fault.kind, fault.subject): fault for fault in told}
    known = Finding.objects.filter(connection=connection, source=SOURCE)
    too_early = {(f.kind, f.subject) for f in known if is_older(snapshot.taken_at, f)}
    for key, fault in faults.items():
        if key not in too_early:
            _report(fault, snapshot, usage, now)
    if snapshot.state == Snapshot.State.COMPLETE:
        settle_absent(
            source=SOURCE,
            connection=connection,
            seen=faults.keys(),
            kinds=kinds.LOOKED_FOR | (kinds.SEEN_IN_LOGS if usage.is_complete else frozenset()),
            now=now,
            read_at=snapshot.taken_at,
        )
    recording.record(
        actor=LOOKOUT,
        action="posture.snapshot.judged",
        target=snapshot,
        at=now,
        data={"connection": str(connection.pk), "deviations": len(faults)},
    )
    return len(faults)


def accounts_of(snapshot: Snapshot, *, only_integration: bool = True) -> list[Account]:
    """A snapshot's accounts with what they hold, the far-reaching first."""
    rows = SnapshotAccount.objects.filter(snapshot=snapshot)
    if only_integration:
        rows = rows.filter(is_integration=True)
    given: dict[object, list[SnapshotAssignment]] = {}
    for each in SnapshotAssignment.objects.filter(account__in=rows).select_related("account"):
        given.setdefault(each.account_id, []).append(each)
    found = [account_of(row, given.get(row.pk, [])) for row in rows]
    return sorted(found, key=lambda each: (-len(each.dangerous), each.is_known, each.row.pk.hex))


def _faults(snapshot: Snapshot, usage: Usage) -> Iterator[Fault]:
    comparisons = selectors.compare_snapshot(snapshot, usage=usage)
    tokens = SnapshotToken.objects.filter(snapshot=snapshot).values_list("app_name")
    counted = Counter(dict(tokens.annotate(count=Count("pk"))))
    return chain(
        faults_of_apps(comparisons),
        faults_of_strangers((each.app.label for each in comparisons), counted),
        faults_of_accounts(accounts_of(snapshot)),
    )


def _report(fault: Fault, snapshot: Snapshot, usage: Usage, now: datetime) -> None:
    since = usage.since if fault.kind in kinds.SEEN_IN_LOGS else None
    report_finding(
        kind=fault.kind,
        connection=snapshot.connection,
        subject=fault.subject,
        title=fault.title,
        level=fault.level,
        fix=fault.fix,
        source=SOURCE,
        detail=fault.detail,
        window=(since, snapshot.taken_at),
        now=now,
    )
