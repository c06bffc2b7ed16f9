"""Background work: checking orgs, renewing tokens ahead of time, reading snapshots."""

import logging
from uuid import UUID

from celery import current_app, shared_task

from apps.common.clock import database_now
from apps.common.errors import Conflict, NotFound
from apps.common.jobs import enqueue, tenant_task
from apps.common.scope import scoped
from apps.crm import broker, errors, services
from apps.crm.eventlogs import checking, retention, taking
from apps.crm.models import Connection, OrgToken
from apps.crm.services import connections, snapshots
from apps.tenancy.selectors import list_tenant_ids

log = logging.getLogger(__name__)


@tenant_task("crm.check_connection")
def check_connection(*, tenant_id: UUID, connection_id: str) -> None:
    """Sign in and read who the org is; the connection tells the outcome."""
    try:
        services.check_connection(tenant_id=tenant_id, connection_id=UUID(connection_id))
    except (Conflict, NotFound) as gone:
        log.info("connection not checked: %s", gone.code)


@tenant_task("crm.refresh_token")
def refresh_token(*, tenant_id: UUID, connection_id: str) -> None:
    """Renew one org's token ahead of its end. A refusal is kept with the token and recorded."""
    with scoped(tenant_id=tenant_id):
        row = OrgToken.objects.filter(connection_id=connection_id).first()
        if row is None or not broker.is_due(row, now=database_now()):
            return
    try:
        broker.refresh(tenant_id=tenant_id, connection_id=UUID(connection_id))
    except (errors.CrmError, Conflict, NotFound) as refused:
        log.warning("token of connection %s not renewed: %s", connection_id, refused.code)


@tenant_task("crm.read_snapshot")
def read_snapshot(*, tenant_id: UUID, snapshot_id: str) -> None:
    """Read the org into a queued snapshot."""
    snapshots.read_snapshot(tenant_id=tenant_id, snapshot_id=UUID(snapshot_id))


@tenant_task("crm.take_event_logs")
def take_event_logs(*, tenant_id: UUID, connection_id: str) -> None:
    """Take an org's new event log files."""
    taking.take_logs(tenant_id=tenant_id, connection_id=UUID(connection_id))


@tenant_task("crm.sweep")
def sweep(*, tenant_id: UUID) -> None:
    """One tenant's round: tokens that end soon, orgs that fail, snapshots whose worker was lost."""
    with scoped(tenant_id=tenant_id):
        now = database_now()
        live = OrgToken.objects.exclude(connection__state=Connection.State.DISCONNECTED)
        for row in live.filter(expires_at__isnull=False):
            if broker.is_due(row, now=now):
                enqueue("crm.refresh_token", connection_id=row.connection_id)
        connections.requeue_checks(now=now)
        snapshots.requeue_stalled(now=now)


@shared_task(name="crm.sweep_tenants")
def sweep_tenants() -> None:
    """Every minute: one round per tenant, each in a task of its own."""
    for tenant_id in list_tenant_ids():
        current_app.send_task("crm.sweep", kwargs={"tenant_id": str(tenant_id)})


@tenant_task("crm.look_for_event_logs")
def look_for_event_logs(*, tenant_id: UUID) -> None:
    """One tenant's round: orgs whose event logs were not looked for lately."""
    with scoped(tenant_id=tenant_id):
        taking.take_due(now=database_now())


@shared_task(name="crm.look_for_event_logs_of_tenants")
def look_for_event_logs_of_tenants() -> None:
    """Every few minutes: one round per tenant, each in a task of its own."""
    for tenant_id in list_tenant_ids():
        current_app.send_task("crm.look_for_event_logs", kwargs={"tenant_id": str(tenant_id)})


@tenant_task("crm.keep_event_logs")
def keep_event_logs(*, tenant_id: UUID) -> None:
    """One tenant's day: remove what was kept for long enough, check some of what is kept."""
    retention.drop_due(tenant_id=tenant_id)
    with scoped(tenant_id=tenant_id):
        checking.check_due(now=database_now())


@shared_task(name="crm.keep_event_logs_of_tenants")
def keep_event_logs_of_tenants() -> None:
    """Every day: one round per tenant, each in a task of its own."""
    for tenant_id in list_tenant_ids():
        current_app.send_task("crm.keep_event_logs", kwargs={"tenant_id": str(tenant_id)})
