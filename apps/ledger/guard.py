"""The guard over the ledger's tables, which only a superuser can install or remove."""

from pathlib import Path

from django.db import connection

FILE = Path(__file__).with_name("guard.sql")


def install_sql() -> str:
    """The SQL that installs the guard, or renews it after migrations."""
    return FILE.read_text(encoding="utf-8")


def is_installed() -> bool:
    """Whether the guard is there, fires in every replication role and knows the ledger as it is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select evtenabled = 'A' from pg_event_trigger where evtname = 'ledger_guard'"
        )
        row = cursor.fetchone()
        if not row or not row[0]:
            return False
        cursor.execute("select fingerprint = ledger_guard.fingerprint() from ledger_guard.state")
        known = cursor.fetchone()
    return bool(known and known[0])
