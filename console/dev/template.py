"""The migrated, guarded database that every test process copies instead of migrating its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg.errors import ObjectInUse

from console.dev import environment, processes, urls
from console.dev.guarding import guard_ledger
from console.dev.paths import PROJECT
from console.dev.roles import Logins
from console.dev.trouble import Trouble

NAME = "bailiwick_test_template"


@contextmanager
def template_database(logins: Logins, env: Mapping[str, str]) -> Iterator[str]:
    """Make it as production makes its own: migrated by the owner, then guarded; gone at the end."""
    drop_database(logins.owner, NAME)
    _as_owner(logins.owner, "CREATE DATABASE {}", NAME)
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
        drop_database(logins.owner, NAME)


def _named(url: str) -> str:
    return urls.with_database(url, NAME)


def drop_database(owner: str, name: str) -> None:
    """Drop a database of the owner's, with what is still connected to it.

    Force comes second: it may not end the server's own vacuum, which a plain drop sends away.
    """
    try:
        _as_owner(owner, "DROP DATABASE IF EXISTS {}", name)
    except ObjectInUse:
        _as_owner(owner, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _as_owner(owner: str, command: str, name: str) -> None:
    maintenance = urls.with_database(owner, "postgres")
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(sql.SQL(command).format(sql.Identifier(name)))
