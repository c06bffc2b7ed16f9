"""What the ledger does by the clock, and exports that pages asked for."""

from uuid import UUID

from celery import current_app, shared_task
from celery.signals import worker_process_init, worker_process_shutdown
from django.db import connection

from apps.common.actors import ServiceActor
from apps.common.clock import database_now
from apps.common.jobs import tenant_task
from apps.common.scope import scoped
from apps.ledger import completeness, exporting, guard, receipts, verifications
from apps.ledger.spool.minding import mind_spool
from apps.ledger.tenants import all_tenants

VERIFIER = ServiceActor("ledger")
MONTHS_AHEAD = 3


@shared_task(name="ledger.make_partitions")
def make_partitions() -> None:
    """Make the months to come, so that no event ever lacks a place (daily; safe to repeat)."""
    with connection.cursor() as cursor:
        cursor.execute("select ledger_make_partitions(%s)", [MONTHS_AHEAD])


@shared_task(name="ledger.watch_tenants")
def watch_tenants() -> None:
    """Look for what is missing in each tenant's ledger (every minute)."""
    for tenant_id in all_tenants():
        current_app.send_task("ledger.watch", kwargs={"tenant_id": str(tenant_id)})


@tenant_task("ledger.watch")
def watch(*, tenant_id: UUID) -> None:
    """Tell of missed events and of uses of the break-glass login; go on with left exports."""
    with scoped(tenant_id=tenant_id):
        now = database_now()
        completeness.tell_gaps(now)
        guard.tell_uses(now)
        exporting.resume_exports(now)


@shared_task(name="ledger.drain_spool")
def drain_spool() -> None:
    """Take in what this worker's host spooled in an emergency (every minute; safe to repeat)."""
    mind_spool()


@worker_process_init.connect
def _begin_telling(**_: object) -> None:
    receipts.start_telling("worker")


@worker_process_shutdown.connect
def _end_telling(**_: object) -> None:
    receipts.say_farewell()


@shared_task(name="ledger.verify_tenants")
def verify_tenants() -> None:
    """One verification for each tenant."""
    for tenant_id in all_tenants():
        current_app.send_task("ledger.verify_log", kwargs={"tenant_id": str(tenant_id)})


@tenant_task("ledger.verify_log")
def verify_log(*, tenant_id: UUID, full: str = "") -> None:
    """Hold the tenant's log against its checkpoints and keep what was found."""
    with scoped(tenant_id=tenant_id):
        verifications.verify_log(actor=VERIFIER, full=bool(full))


@tenant_task("ledger.write_export")
def write_export(*, tenant_id: UUID, export_id: str) -> None:
    """Write an export that was asked for from the page."""
    exporting.write_export(tenant_id=tenant_id, export_id=UUID(export_id))
