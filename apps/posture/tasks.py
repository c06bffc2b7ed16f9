"""Background work: rounds through what was noticed since the last one, and metadata scans."""

from uuid import UUID

from celery import current_app, shared_task

from apps.common.clock import database_now
from apps.common.jobs import tenant_task
from apps.common.scope import scoped
from apps.posture.findings.anomalies import report_anomalies
from apps.posture.findings.handling import reopen_ended
from apps.posture.reconcile.altered import report_altered
from apps.posture.reconcile.looking import compare_due
from apps.posture.reconcile.retention import drop_old_comparisons
from apps.posture.revocations.running import run_revocation
from apps.posture.revocations.steps import requeue_lost
from apps.posture.scans import running
from apps.posture.scopes.looking import look_at_new
from apps.tenancy.selectors import list_tenant_ids

STEPS = (
    reopen_ended,
    report_anomalies,
    running.requeue_stalled,
    look_at_new,
    compare_due,
    report_altered,
    drop_old_comparisons,
    requeue_lost,
)


@tenant_task("posture.run_scan")
def run_scan(*, tenant_id: UUID, scan_id: str) -> None:
    """Scan what was asked for."""
    running.run_scan(tenant_id=tenant_id, scan_id=UUID(scan_id))


@tenant_task("posture.revoke")
def revoke(*, tenant_id: UUID, revocation_id: str) -> None:
    """End what a revocation names, and prove it. Safe to run twice."""
    run_revocation(tenant_id=tenant_id, revocation_id=UUID(revocation_id))


@tenant_task("posture.sweep")
def sweep(*, tenant_id: UUID) -> None:
    """One tenant's round: what was noticed, read or left lying since the last one."""
    for step in STEPS:
        with scoped(tenant_id=tenant_id):
            step(now=database_now())


@shared_task(name="posture.sweep_tenants")
def sweep_tenants() -> None:
    """Every minute: one round per tenant, each in a task of its own."""
    for tenant_id in list_tenant_ids():
        current_app.send_task("posture.sweep", kwargs={"tenant_id": str(tenant_id)})
