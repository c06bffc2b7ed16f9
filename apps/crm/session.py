"""Opening an org for calls, outside any transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from apps.common.clock import database_now
from apps.common.scope import is_scope_open, scoped
from apps.crm import broker, errors
from apps.crm.budget.gate import Gate, Purpose
from apps.crm.client.org import Org
from apps.crm.diagnosis.keeping import end_troubles, note_trouble
from apps.crm.diagnosis.recognise import keeps_out
from apps.crm.eventlogs.own import Journal
from apps.crm.models import Connection
from apps.ledger.spool.switch import waived

__all__ = ["Org", "open_org"]


@contextmanager
def open_org(
    *, tenant_id: UUID, connection_id: UUID, purpose: Purpose = "ordinary"
) -> Iterator[Org]:
    """An `Org` with a valid token from the broker. Call it with no scope open.

    `purpose="emergency"` is for calls under an active break-glass session alone: they may spend the
    reserve of the org's API requests. Inside `spooling()` what was called is spooled, and what the
    console keeps for itself (usage, troubles) is left out.

    Raises `NotFound` and `Conflict` for a connection that is none or was disconnected, `CrmError`
    for what the org does not do, and `RuntimeError` inside a scope, whose transaction would stay
    open while the org answers.
    """
    _refuse_inside_a_scope()
    held = broker.access_token(tenant_id=tenant_id, connection_id=connection_id)

    def renew(stale: str) -> str:
        return broker.access_token(
            tenant_id=tenant_id, connection_id=connection_id, stale=stale
        ).access_token

    gate = Gate(held.allowance, purpose=purpose)
    journal = Journal(tenant_id=tenant_id, connection_id=connection_id)

    def announce(requests: list[str]) -> None:
        _refuse_inside_a_scope()  # an announcement that is not committed is none
        journal.announce(requests)

    org = Org(
        host=held.host,
        token=held.access_token,
        renew=renew,
        gate=gate,
        announce=announce,
        reach=held.reach,
    )
    try:
        yield org
    except errors.CrmError as error:
        if keeps_out(error):
            _keep_trouble(error, tenant_id=tenant_id, connection_id=connection_id)
        raise
    else:
        if org.failure is not None and keeps_out(org.failure):
            _keep_trouble(org.failure, tenant_id=tenant_id, connection_id=connection_id)
        elif org.request_ids and not isinstance(org.failure, errors.AccessRefused):
            _end_troubles(tenant_id=tenant_id, connection_id=connection_id)
    finally:
        org.close()
        with scoped(tenant_id=tenant_id):
            journal.close(org.request_ids, now=database_now())
        _keep_usage(org, tenant_id=tenant_id, connection_id=connection_id)


def _refuse_inside_a_scope() -> None:
    if is_scope_open():
        raise RuntimeError("an org was called inside a scope: close it while the org answers")


def _keep_trouble(error: errors.CrmError, *, tenant_id: UUID, connection_id: UUID) -> None:
    """Keep what the error tells about a lockout, unless the broker has kept it already."""
    if not error.data.get("is_noted"):
        error.data["is_noted"] = True
        with waived(), scoped(tenant_id=tenant_id):
            note_trouble(connection_id=connection_id, error=error, now=database_now())


def _end_troubles(*, tenant_id: UUID, connection_id: UUID) -> None:
    with waived(), scoped(tenant_id=tenant_id):
        end_troubles(connection_id=connection_id, now=database_now())


def _keep_usage(org: Org, *, tenant_id: UUID, connection_id: UUID) -> None:
    if org.usage is None:
        return
    used, allowed = org.usage
    with waived(), scoped(tenant_id=tenant_id):
        Connection.objects.filter(pk=connection_id).update(
            api_used=used, api_allowed=allowed, api_seen_at=database_now()
        )
