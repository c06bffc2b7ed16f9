"""Opening an org for calls, outside any transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from apps.common.clock import database_now
from apps.common.scope import is_scope_open, scoped
from apps.crm import broker
from apps.crm.client.org import Org
from apps.crm.models import Connection

__all__ = ["Org", "open_org"]


@contextmanager
def open_org(*, tenant_id: UUID, connection_id: UUID) -> Iterator[Org]:
    """An `Org` with a valid token from the broker. Call it with no scope open.

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

    org = Org(host=held.host, token=held.access_token, renew=renew)
    try:
        yield org
    finally:
        org.close()
        _keep_usage(org, tenant_id=tenant_id, connection_id=connection_id)


def _refuse_inside_a_scope() -> None:
    if is_scope_open():
        raise RuntimeError("open_org() was called inside a scope: close it while the org answers")


def _keep_usage(org: Org, *, tenant_id: UUID, connection_id: UUID) -> None:
    if org.usage is None:
        return
    used, allowed = org.usage
    with scoped(tenant_id=tenant_id):
        Connection.objects.filter(pk=connection_id).update(
            api_used=used, api_allowed=allowed, api_seen_at=database_now()
        )
