"""The guard over the ledger's tables: who migrates once it stands, and how it comes to stand."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg

from console.dev import environment
from console.dev.paths import PROJECT
from console.dev.roles import Logins

SQL = PROJECT / "apps" / "ledger" / "guard.sql"


def for_migrations(env: Mapping[str, str], logins: Logins) -> dict[str, str]:
    """The owner's environment, or once the ledger is guarded its migrator's, if that is known."""
    if logins.migrator and _stands(logins.owner):
        return {**env, "BAILIWICK_ROLE": "migrator"}
    return environment.as_owner(env)


def guard_ledger(logins: Logins) -> None:
    """Install the guard, or renew it after migrations, where a superuser's login is known."""
    if logins.admin:
        with psycopg.connect(logins.admin, autocommit=True) as admin:
            admin.execute(SQL.read_bytes())


def _stands(url: str) -> bool:
    query = "SELECT FROM pg_event_trigger WHERE evtname = 'ledger_guard'"
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchone() is not None
