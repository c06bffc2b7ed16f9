"""Revoking in the org and proving it. No transaction is open while the org answers."""

from collections.abc import Callable
from uuid import UUID

from celery import shared_task

from apps.common.clock import database_now
from apps.common.errors import DomainError, Outside
from apps.common.jobs import tenant_task
from apps.common.scope import scoped
from apps.crm.errors import RecordMissing
from apps.crm.session import Org, open_org
from apps.reviews import grants
from apps.reviews.grants import Finding, Work
from apps.reviews.models import Remediation
from apps.reviews.services import remediation
from apps.tenancy.selectors import list_tenant_ids


@tenant_task("reviews.carry_out")
def carry_out(*, tenant_id: UUID, item_id: str) -> None:
    """Look, ask the org to revoke, and record that it said yes. Safe to run twice."""
    _with_org(tenant_id, UUID(item_id), Remediation.QUEUED, _carry_out)


@tenant_task("reviews.verify")
def verify(*, tenant_id: UUID, item_id: str) -> None:
    """Read the very grant again and record what the read shows. Safe to run twice."""
    _with_org(tenant_id, UUID(item_id), Remediation.EXECUTED, _verify)


def _carry_out(tenant_id: UUID, org: Org, work: Work) -> None:
    finding = grants.look(org, work)
    if finding is not Finding.PRESENT and not work.was_called:
        with scoped(tenant_id=tenant_id):
            remediation.note_missing(
                item_id=work.item_id,
                finding=finding,
                requests=list(org.request_ids),
                now=database_now(),
            )
        return
    if finding is Finding.PRESENT:
        with scoped(tenant_id=tenant_id):
            remediation.note_call(item_id=work.item_id, now=database_now())
        grants.revoke(org, work)
    with scoped(tenant_id=tenant_id):
        remediation.note_executed(
            item_id=work.item_id, requests=list(org.request_ids), now=database_now()
        )


def _verify(tenant_id: UUID, org: Org, work: Work) -> None:
    finding = grants.look(org, work)
    with scoped(tenant_id=tenant_id):
        remediation.note_reading(
            item_id=work.item_id,
            finding=finding,
            requests=list(org.request_ids),
            now=database_now(),
        )


@tenant_task("reviews.sweep")
def sweep(*, tenant_id: UUID) -> None:
    """Send again what a lost worker or broker left lying; claims keep it from acting twice."""
    with scoped(tenant_id=tenant_id):
        remediation.requeue_stalled(now=database_now())


@shared_task(name="reviews.sweep_tenants")
def sweep_tenants() -> None:
    """A round through all tenants."""
    for tenant_id in list_tenant_ids():
        sweep.delay(tenant_id=str(tenant_id))


def _with_org(
    tenant_id: UUID, item_id: UUID, state: str, act: Callable[[UUID, Org, Work], None]
) -> None:
    with scoped(tenant_id=tenant_id):
        work = remediation.claim(item_id=item_id, remediation=state, now=database_now())
    if work is None:
        return
    try:
        with open_org(tenant_id=tenant_id, connection_id=work.connection_id) as org:
            act(tenant_id, org, work)
    except DomainError as error:
        with scoped(tenant_id=tenant_id):
            remediation.note_trouble(
                item_id=item_id,
                code=error.code,
                words=error.message,
                retryable=_is_worth_another_try(error),
                now=database_now(),
            )


def _is_worth_another_try(error: DomainError) -> bool:
    """A record that is missing right after it was read is looked for once more."""
    return isinstance(error, RecordMissing) or (isinstance(error, Outside) and error.retryable)
