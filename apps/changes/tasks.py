"""Background work: applying approved changes, and carrying on where a worker was lost."""

from datetime import timedelta
from uuid import UUID

from celery import current_app, shared_task

from apps.changes import selectors, services
from apps.common.clock import database_now
from apps.common.jobs import enqueue, tenant_task
from apps.common.scope import scoped
from apps.tenancy.selectors import list_tenant_ids

STALLED_AFTER = timedelta(seconds=30)


@tenant_task("changes.apply")
def apply(*, tenant_id: UUID, proposal_id: str) -> None:
    """Take one approved proposal as far as it goes."""
    services.carry_on(tenant_id=tenant_id, proposal_id=UUID(proposal_id))


@tenant_task("changes.sweep")
def sweep(*, tenant_id: UUID) -> None:
    """Carry on with proposals on their way that nobody works on; forget what is over."""
    with scoped(tenant_id=tenant_id):
        services.forget_what_is_over(now=database_now())
        for proposal_id in selectors.list_stalled_ids(before=database_now() - STALLED_AFTER):
            enqueue("changes.apply", proposal_id=proposal_id)


@shared_task(name="changes.sweep_tenants")
def sweep_tenants() -> None:
    """Every minute: one round per tenant."""
    for tenant_id in list_tenant_ids():
        current_app.send_task("changes.sweep", kwargs={"tenant_id": str(tenant_id)})
