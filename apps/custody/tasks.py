"""Background work on keys: rewrapping and resealing, resumed by the sweep after a killed worker."""

from uuid import UUID

from celery import current_app, shared_task

from apps.common.jobs import enqueue, tenant_task
from apps.common.scope import scoped
from apps.custody import resealing, rewrapping
from apps.tenancy.selectors import list_tenant_ids


@tenant_task("custody.reseal")
def reseal(*, tenant_id: UUID, work_id: str) -> None:
    """Reseal a purpose's old values, batch by batch, until the pass ends."""
    more = True
    while more:
        with scoped(tenant_id=tenant_id):
            more = resealing.reseal_batch(UUID(work_id))


@tenant_task("custody.rewrap")
def rewrap(*, tenant_id: UUID) -> None:
    """Bring every wrap of the tenant's keys up to date with the configured providers."""
    with scoped(tenant_id=tenant_id):
        stale = rewrapping.list_stale()
        rewrapping.rewrap_own_key()
    for key_id in stale:
        with scoped(tenant_id=tenant_id):
            rewrapping.rewrap_data_key(key_id)


@tenant_task("custody.resume")
def resume(*, tenant_id: UUID) -> None:
    """Queue what is unfinished; a living worker's lock makes that harmless."""
    with scoped(tenant_id=tenant_id):
        for work_id in resealing.list_unfinished():
            enqueue("custody.reseal", work_id=work_id)
        if rewrapping.list_stale():
            enqueue("custody.rewrap")


@shared_task(name="custody.sweep_tenants")
def sweep_tenants() -> None:
    """One task per tenant."""
    for tenant_id in list_tenant_ids():
        current_app.send_task("custody.resume", kwargs={"tenant_id": str(tenant_id)})
