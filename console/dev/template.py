"""The migrated, guarded database that every test process copies instead of migrating its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg
from psycopg import sql

from console.dev import environment, processes, urls
from console.dev.guarding import guard_ledger
from console.dev.paths import PROJECT
from console.dev.roles import Logins
from console.dev.trouble import Trouble

NAME = "bailiwick_test_template"


@contextmanager
def template_database(logins: Logins, env: Mapping[str, str]) -> Iterator[str]:
    """Make it as production makes its own: migrated by the owner, then guarded; gone at the end."""
    _as_owner(logins, "DROP DATABASE IF EXISTS {} WITH (FORCE)")
    _as_owner(logins, "CREATE DATABASE {}")
    try:
        owner = environment.as_owner(env)
        owner["DATABASE_OWNER_URL"] = urls.with_database(logins.owner, NAME)
        migrated = subprocess.run(
            [*processes.MANAGE, "migrate", "--no-input", "--verbosity", "0"],
            cwd=PROJECT,
            env=owner,
            check=False,
            capture_output=True,
            text=True,
        )
        if migrated.returncode:
            raise Trouble(f"The tests' database could not be migrated:\n{migrated.stderr.strip()}")
        if logins.admin:
            guard_ledger(Logins(logins.app, logins.owner, admin=_named(logins.admin)))
        yield NAME
    finally:
        _as_owner(logins, "DROP DATABASE IF EXISTS {} WITH (FORCE)")


def _named(url: str) -> str:
    return urls.with_database(url, NAME)


def _as_owner(logins: Logins, command: str) -> None:
    maintenance = urls.with_database(logins.owner, "postgres")
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(sql.SQL(command).format(sql.Identifier(NAME)))
