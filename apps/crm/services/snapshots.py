"""Taking a snapshot: asked for by a person, read in the background, written in one go."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts.models import User
from apps.common.actors import Actor
from apps.common.clock import database_now
from apps.common.errors import Conflict
from apps.common.jobs import enqueue
from apps.common.scope import scoped
from apps.crm import errors, policies, selectors
from apps.crm.broker import BROKER
from apps.crm.eventlogs.own import MOST_IDS
from apps.crm.inventory.read import LABELS, Inventory, read_inventory
from apps.crm.inventory.reading import Source
from apps.crm.inventory.rows import content_hash, rows_of
from apps.crm.models import Connection, Snapshot
from apps.crm.session import open_org
from apps.ledger import services as ledger

STALLED_AFTER = timedelta(minutes=10)  # longer than any single read with its repeats
MOST_ATTEMPTS = 3
FIELDS_OF_OUTCOME = [
    "state",
    "finished_at",
    "touched_at",
    "sources",
    "lacking",
    "content_hash",
    "beside",
    "error",
]


@transaction.atomic
def take_snapshot(*, actor: Actor, connection_id: UUID, now: datetime) -> Snapshot:
    """Ask for a snapshot; it is read in the background. One at a time per org.

    Raises `Denied`, `NotFound`, `Conflict`.
    """
    connection = selectors.lock_connection_for(actor=actor, connection_id=connection_id)
    policies.may_operate(actor, connection).require()
    if connection.state == Connection.State.DISCONNECTED:
        raise Conflict("This org was disconnected. Connect it again first.")
    if selectors.running_snapshot(connection) is not None:
        raise Conflict("A snapshot of this org is being taken already. Its page shows how far.")
    snapshot: Snapshot = Snapshot.objects.create(
        connection=connection,
        asked_by=actor if isinstance(actor, User) else None,
        taken_at=now,
        touched_at=now,
        sources=[Source(name, label).told() for name, label in LABELS.items()],
    )
    ledger.record(
        actor=actor,
        action="crm.snapshot.requested",
        target=snapshot,
        at=now,
        data={"connection": str(connection.pk)},
    )
    enqueue("crm.read_snapshot", snapshot_id=snapshot.pk)
    return snapshot


def read_snapshot(*, tenant_id: UUID, snapshot_id: UUID) -> None:
    """Read the org and finish the snapshot. Does nothing when another worker is at it.

    Call it with no scope open. Rows are written in one transaction at the end, so that a snapshot
    whose worker died starts over (`requeue_stalled`).
    """
    with scoped(tenant_id=tenant_id):
        claimed = _claim(snapshot_id)
    if claimed is None:
        return
    connection_id, attempt, watched = claimed
    with suppress(LostClaim):
        _read(tenant_id, snapshot_id, connection_id=connection_id, attempt=attempt, watched=watched)


def _read(
    tenant_id: UUID,
    snapshot_id: UUID,
    *,
    connection_id: UUID,
    attempt: int,
    watched: list[str],
) -> None:
    def told(sources: list[Source]) -> None:
        with scoped(tenant_id=tenant_id):
            _keep_progress(snapshot_id, sources, attempt=attempt)

    try:
        with open_org(tenant_id=tenant_id, connection_id=connection_id) as org:
            found = read_inventory(org, told=told, watched=watched)
            requests = list(org.request_ids)
    except LostClaim:
        raise
    except (errors.CrmError, Conflict) as error:
        with scoped(tenant_id=tenant_id):
            _save_failure(_mine(snapshot_id, attempt=attempt), error.message)
        return
    with scoped(tenant_id=tenant_id):
        _finish(snapshot_id, found, requests, attempt=attempt)


def requeue_stalled(*, now: datetime) -> int:
    """Send snapshots of the open tenant again whose worker went silent; give up after a few."""
    states = [Snapshot.State.QUEUED, Snapshot.State.RUNNING]
    stalled = Snapshot.objects.select_for_update(skip_locked=True).filter(
        state__in=states, touched_at__lt=now - STALLED_AFTER
    )
    sent = 0
    for snapshot in stalled:
        if snapshot.attempts >= MOST_ATTEMPTS:
            _save_failure(snapshot, "The worker that read this snapshot was lost three times.")
            continue
        snapshot.state, snapshot.touched_at = Snapshot.State.QUEUED, now
        snapshot.save(update_fields=["state", "touched_at"])
        enqueue("crm.read_snapshot", snapshot_id=snapshot.pk)
        sent += 1
    return sent


class LostClaim(Conflict):
    """Another worker took over; this one's reading is dropped."""

    code = "snapshot_taken_over"


def _claim(snapshot_id: UUID) -> tuple[UUID, int, list[str]] | None:
    snapshot: Snapshot | None = (
        Snapshot.objects.select_for_update()
        .filter(pk=snapshot_id, state=Snapshot.State.QUEUED)
        .first()
    )
    if snapshot is None:
        return None
    snapshot.state, snapshot.touched_at = Snapshot.State.RUNNING, database_now()
    snapshot.attempts += 1
    snapshot.save(update_fields=["state", "touched_at", "attempts"])
    return snapshot.connection_id, snapshot.attempts, snapshot.connection.watched_objects


def _mine(snapshot_id: UUID, *, attempt: int) -> Snapshot:
    snapshot: Snapshot = Snapshot.objects.select_for_update().get(pk=snapshot_id)
    if snapshot.state != Snapshot.State.RUNNING or snapshot.attempts != attempt:
        raise LostClaim("Another worker has taken this snapshot over.")
    return snapshot


def _keep_progress(snapshot_id: UUID, sources: list[Source], *, attempt: int) -> None:
    snapshot = _mine(snapshot_id, attempt=attempt)
    snapshot.sources = [source.told() for source in sources]
    snapshot.touched_at = database_now()
    snapshot.save(update_fields=["sources", "touched_at"])


def _finish(snapshot_id: UUID, found: Inventory, requests: list[str], *, attempt: int) -> None:
    snapshot = _mine(snapshot_id, attempt=attempt)
    sources = list(found.sources.values())
    snapshot.lacking = found.lacking
    snapshot.sources = [source.told() for source in sources]
    if not any(source.read for source in sources):
        _save_failure(snapshot, sources[0].error)
        return
    rows_of(found, snapshot).write()
    complete = found.is_complete
    snapshot.state = Snapshot.State.COMPLETE if complete else Snapshot.State.INCOMPLETE
    snapshot.content_hash, snapshot.beside = content_hash(found), found.beside.told()
    missing = [source.label.lower() for source in sources if source.state != "complete"]
    snapshot.error = f"Not read in full: {', '.join(missing)}."[:400] if missing else ""
    snapshot.finished_at = snapshot.touched_at = database_now()
    snapshot.save(update_fields=FIELDS_OF_OUTCOME)
    ledger.record(
        actor=BROKER,
        action="crm.snapshot.completed" if complete else "crm.snapshot.left_incomplete",
        target=snapshot,
        at=snapshot.finished_at,
        data=_recorded(snapshot, requests),
    )


def _recorded(snapshot: Snapshot, requests: list[str]) -> dict[str, Any]:
    counts = {each["source"]: [each["expected"], each["read"]] for each in snapshot.sources}
    return {
        "connection": str(snapshot.connection_id),
        "content_hash": snapshot.content_hash,
        "expected_and_read": counts,
        "lacking": snapshot.lacking,
        "requests": requests[:MOST_IDS],  # the rest stands with the session's calls
    }


def _save_failure(snapshot: Snapshot, words: str) -> None:
    snapshot.state, snapshot.error = Snapshot.State.FAILED, words[:400]
    snapshot.finished_at = snapshot.touched_at = database_now()
    snapshot.save(update_fields=FIELDS_OF_OUTCOME)
    ledger.record(
        actor=BROKER,
        action="crm.snapshot.failed",
        target=snapshot,
        at=snapshot.finished_at,
        data={"connection": str(snapshot.connection_id), "attempts": snapshot.attempts},
    )
