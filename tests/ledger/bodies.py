"""Canonical bodies as the console makes them, for tests that speak SQL to the ledger."""

import uuid
from typing import Any

import psycopg
import rfc8785

from apps.common.ids import new_id

AT = "2026-11-22T03:04:05.000006+00:00"


def body_of(tenant_id: uuid.UUID, **changed: Any) -> bytes:
    """The bytes of an event of that tenant; `changed` replaces parts of it."""
    said: dict[str, Any] = {
        "v": 2,
        "event_id": str(new_id()),
        "tenant_id": str(tenant_id),
        "actor": "service:test",
        "action": "tenancy.member.added",
        "target": {"type": "tenancy.tenant", "id": str(tenant_id)},
        "at": AT,
        "request": None,
        "source": {"id": str(uuid.uuid4()), "seq": 1},
        "data": {},
    }
    return rfc8785.dumps({**said, **changed})


def make_tenant(connection: psycopg.Connection) -> uuid.UUID:
    """A tenant for whoever may make one, and its scope until the transaction ends."""
    tenant = uuid.uuid4()
    connection.execute("select set_config('app.tenant', %s, true)", [str(tenant)])
    connection.execute(
        "insert into tenancy_tenant (id, slug, name) values (%s, %s, 'Of a test')",
        [tenant, tenant.hex],
    )
    return tenant
