"""Background work of sync."""

from uuid import UUID

from celery import current_app, shared_task

from apps.common.clock import database_now
from apps.common.jobs import enqueue, tenant_task
from apps.common.scope import scoped
from apps.sync import running, selectors
from apps.tenancy.selectors import list_tenant_ids


@tenant_task("sync.run_job")
def run_job(*, tenant_id: UUID, run_id: str) -> None:
    """Work off the next batch of a run."""
    running.run_batch(tenant_id=tenant_id, run_id=UUID(run_id))


@tenant_task("sync.resume_stalled")
def resume_stalled(*, tenant_id: UUID) -> None:
    """Queue again what a dead worker left lying; a living worker's lock makes that harmless."""
    with scoped(tenant_id=tenant_id):
        for run_id in selectors.list_stalled(now=database_now()):
            enqueue("sync.run_job", run_id=run_id)


@shared_task(name="sync.sweep_tenants")
def sweep_tenants() -> None:
    """One task per tenant."""
    for tenant_id in list_tenant_ids():
        current_app.send_task("sync.resume_stalled", kwargs={"tenant_id": str(tenant_id)})
