"""The guard over the ledger's tables, which only a superuser can install or remove."""

import uuid
from datetime import datetime
from pathlib import Path

from django.db import connection

from apps.common.scope import current_tenant_id
from apps.ledger import services

FILE = Path(__file__).with_name("guard.sql")
TRIGGERS = ("ledger_guard", "ledger_guard_drops", "ledger_guard_rewrites", "ledger_guard_starts")


def install_sql() -> str:
    """The SQL that installs the guard, or renews it after migrations."""
    return FILE.read_text(encoding="utf-8")


def is_installed() -> bool:
    """Whether the guard is there, fires in every replication role and knows the ledger as it is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_event_trigger where evtenabled = 'A' and evtname = any(%s)",
            [list(TRIGGERS)],
        )
        if cursor.fetchone()[0] != len(TRIGGERS):
            return False
        cursor.execute("select fingerprint = ledger_guard.fingerprint() from ledger_guard.state")
        known = cursor.fetchone()
    return bool(known and known[0])


def tell_uses(now: datetime) -> None:
    """Record each use of the break-glass login once in the open tenant's ledger."""
    tenant = current_tenant_id()
    for number, at, login, command in _uses():
        services.note(
            action="ledger.guard.used",
            target_type="guard",
            target_id=str(number),
            at=now,
            data={"login": login, "command": command, "used_at": at.isoformat()},
            event_id=uuid.uuid5(tenant, f"guard {number} {at.isoformat()}"),
        )


def _uses() -> list[tuple[int, datetime, str, str]]:
    """The uses of the last week; none where no guard stands."""
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('ledger_guard.log') is not null")
        if not cursor.fetchone()[0]:
            return []
        cursor.execute(
            "select id, at, login, command from ledger_guard.log"
            " where at > now() - interval '7 days' order by id"
        )
        return list(cursor.fetchall())
