"""Background work: sweeping what is overdue, and proving ended accesses dead.

Nothing waits for the sweeper to be safe: every transition and every elevated call tests the
deadlines itself. There is no countdown task per access, because a broker redelivers those that
wait longer than its visibility timeout; the sweep comes every few seconds.
"""

from datetime import timedelta
from uuid import UUID

from celery import current_app, shared_task

from apps.breakglass import selectors, services
from apps.common.actors import ServiceActor
from apps.common.clock import database_now
from apps.common.jobs import enqueue, tenant_task
from apps.common.scope import scoped
from apps.tenancy.selectors import list_tenant_ids

KEEPER = ServiceActor("breakglass")
STALLED_AFTER = timedelta(seconds=90)


@shared_task(name="breakglass.sweep_tenants")
def sweep_tenants() -> None:
    """One sweep for each tenant."""
    for tenant_id in list_tenant_ids():
        current_app.send_task("breakglass.sweep", kwargs={"tenant_id": str(tenant_id)})


@tenant_task("breakglass.sweep")
def sweep(*, tenant_id: UUID) -> None:
    """Expire requests nobody signed, end accesses that are over, retry stalled proofs."""
    with scoped(tenant_id=tenant_id):
        now = database_now()
        expired = selectors.list_expired_ids(now=now)
        overdue = selectors.list_overdue_ids(now=now)
        stopped = selectors.list_stopped_ids()
        notes = selectors.list_due_notes(now=now)
        unproven = selectors.list_unproven_ids(tried_before=now - STALLED_AFTER)
    for request_id in expired:
        with scoped(tenant_id=tenant_id):
            services.expire_due(actor=KEEPER, request_id=request_id, now=now)
    for request_id in overdue:
        with scoped(tenant_id=tenant_id):
            services.end_due(actor=KEEPER, request_id=request_id, now=now)
    for request_id in stopped:
        with scoped(tenant_id=tenant_id):
            services.end_stopped(actor=KEEPER, request_id=request_id, now=now)
    _retry(tenant_id, unproven, notes)


@tenant_task("breakglass.rotate")
def rotate(*, tenant_id: UUID, request_id: str) -> None:
    """Prove one ended access dead. Two transactions: an attempt shows even when it dies."""
    with scoped(tenant_id=tenant_id):
        services.begin_rotation(actor=KEEPER, request_id=UUID(request_id), now=database_now())
    with scoped(tenant_id=tenant_id):
        services.prove_dead(actor=KEEPER, request_id=UUID(request_id), now=database_now())


@tenant_task("breakglass.note_on_case")
def note_on_case(*, tenant_id: UUID, note_id: str) -> None:
    """Tell the org about one step of a request."""
    services.write_note(actor=KEEPER, tenant_id=tenant_id, note_id=UUID(note_id))


def _retry(tenant_id: UUID, request_ids: list[UUID], note_ids: list[UUID]) -> None:
    with scoped(tenant_id=tenant_id):
        for note_id in note_ids:
            enqueue("breakglass.note_on_case", note_id=note_id)
        for request_id in request_ids:
            enqueue("breakglass.rotate", request_id=request_id)
