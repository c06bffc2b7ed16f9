"""Looking at an org's newest snapshot once, and telling what it shows as findings."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from django.db import transaction

from apps.crm import selectors as crm
from apps.crm.eventlogs.usage import Usage
from apps.crm.models import Connection, Snapshot
from apps.ledger import selectors as ledger
from apps.ledger import services as recording
from apps.posture import selectors
from apps.posture.findings.reporting import LOOKOUT, is_older, report_finding, settle_absent
from apps.posture.models import Finding
from apps.posture.purposes.services import watch_declared
from apps.posture.revocations.returning import find_returned, mark_returned
from apps.posture.scopes import kinds
from apps.posture.scopes.faults import Fault
from apps.posture.scopes.fencing import faults_of_fences, faults_of_profiles, faults_of_trusted
from apps.posture.scopes.judging import (
    faults_of_accounts,
    faults_of_apps,
    faults_of_returned,
    faults_of_sight,
)
from apps.posture.scopes.keeping import faults_of_fields
from apps.posture.scopes.reaching import faults_of_reach
from apps.posture.scopes.seeing import Seen, read_seen, unknown_in
from apps.posture.scopes.strangers import faults_of_strangers

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
    watch_declared(connection)
    returned = find_returned(snapshot)
    for each in returned:
        mark_returned(each, snapshot, now=now)
    usage = selectors.use_until(connection, snapshot.taken_at)
    seen = read_seen(snapshot, usage)
    told = chain(_faults(seen), faults_of_returned(returned))
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
            seen=faults.keys() | unknown_in(seen),
            kinds=_looked_for(snapshot, usage),
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


def _faults(seen: Seen) -> Iterator[Fault]:
    snapshot = seen.snapshot
    return chain(
        faults_of_apps(seen.comparisons),
        faults_of_sight(snapshot.lacking),
        faults_of_fences(seen.fenced),
        faults_of_profiles((each.row for each in seen.accounts), seen.fence),
        faults_of_trusted(snapshot.beside.get("trusted_ranges"), seen.fence),
        faults_of_strangers(seen.strangers),
        faults_of_accounts(seen.accounts),
        faults_of_reach(seen.reaching),
        faults_of_fields(seen.fields, seen.classes, seen.fields_unread),
    )


def _looked_for(snapshot: Snapshot, usage: Usage) -> frozenset[str]:
    """The kinds that this look would have shown; what an org refused settles nothing."""
    refused = snapshot.beside.get("refused", {})
    told = {kind for kind, part in kinds.READ_BESIDE.items() if part not in refused}
    if snapshot.beside.get("fields_unread"):
        told.discard(kinds.UNENCRYPTED)
    if not snapshot.beside:
        told = set()
    return kinds.LOOKED_FOR | told | (kinds.SEEN_IN_LOGS if usage.is_complete else frozenset())


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
