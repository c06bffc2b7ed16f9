"""The worker's part of an export: one writes at a time, and another goes on when it was killed.

Who writes holds a PostgreSQL advisory lock in the transaction that reads the log, so the lock ends
with the worker, however that happened; nobody has to guess from the clock.
"""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from apps.common.clock import database_now
from apps.common.jobs import enqueue
from apps.common.scope import scoped
from apps.ledger.exports import directory_of, finish
from apps.ledger.models import Checkpoint, LogExport

State = LogExport.State
UNDER_WAY = (State.QUEUED, State.WRITING)
GIVEN_UP_AFTER = timedelta(days=1)  # what kills each worker that tries is not tried for ever
FIRST_LOOK_AFTER = timedelta(minutes=1)  # time for the first worker to begin


def write_export(*, tenant_id: UUID, export_id: UUID) -> None:
    """Write what was asked for from the page, or write it anew when a worker was killed at it.

    A copy of a finished task does nothing, nor does one while another worker writes.
    """
    with scoped(tenant_id=tenant_id):
        row = LogExport.objects.select_for_update().get(pk=export_id)
        if row.state == State.QUEUED:
            row.move_to(State.WRITING)
    try:
        with scoped(tenant_id=tenant_id):
            _write(tenant_id, export_id)
    except Exception:
        with scoped(tenant_id=tenant_id):
            _give_up(export_id)
        raise


def resume_exports(now: datetime) -> None:
    """Have the open tenant's exports that nobody writes any more written; give up after a day."""
    for row in LogExport.objects.filter(
        state__in=UNDER_WAY, asked_at__lt=now - FIRST_LOOK_AFTER
    ).order_by("asked_at"):
        if not _hold(row.pk):
            continue
        if now - row.asked_at > GIVEN_UP_AFTER:
            _give_up(row.pk)
        else:
            enqueue("ledger.write_export", export_id=row.pk)


def _write(tenant_id: UUID, export_id: UUID) -> None:
    if not _hold(export_id):
        return
    row = LogExport.objects.get(pk=export_id)
    if row.state != State.WRITING:
        return
    place = directory_of(tenant_id, export_id)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in (place, *place.parent.glob(f".{place.name}.*")):
        shutil.rmtree(left, ignore_errors=True)
    newest = Checkpoint.objects.get(size=row.size)
    with ThreadPoolExecutor(1) as beside:
        say = _teller(beside, tenant_id, export_id)
        finish(row, place, newest, say=say)


def _teller(beside: ThreadPoolExecutor, tenant_id: UUID, export_id: UUID) -> Callable[[int], None]:
    """Tells how far the writing is over a connection of its own: its news must not wait for the
    end of the transaction that reads the log."""

    def tell(done: int) -> None:
        try:
            with scoped(tenant_id=tenant_id):
                LogExport.objects.filter(pk=export_id, state=State.WRITING).update(done=done)
        finally:
            connection.close()

    return lambda done: beside.submit(tell, done).result()


def _hold(export_id: UUID) -> bool:
    """Whether this transaction is now the one that works at the export."""
    query = "select pg_try_advisory_xact_lock(hashtextextended(%s, 0))"
    with connection.cursor() as cursor:
        cursor.execute(query, [f"ledger export {export_id}"])
        return bool(cursor.fetchone()[0])


def _give_up(export_id: UUID) -> None:
    row = LogExport.objects.select_for_update().get(pk=export_id)
    if row.state in UNDER_WAY:
        row.move_to(State.FAILED, finished_at=database_now())
