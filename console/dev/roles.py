"""The database roles: one owns and migrates, one serves and owns nothing, three keep the ledger.

The sequencer gives events their positions and reads no bodies. The migrator is the break-glass
login for changes to the ledger's tables: it acts as the owner, and its every use is kept. The
retention login alone removes events, and only those that were exported before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from console.dev import urls

Connection = psycopg.Connection[TupleRow]

OWNER = "console_owner"
APP = "console_app"
SEQUENCER = "console_sequencer"
MIGRATOR = "ledger_migrator"
RETENTION = "ledger_retention"
DATABASE = "bailiwick"
EXTENSIONS = ("btree_gist", "citext", "pg_trgm")


@dataclass(frozen=True)
class Logins:
    """Addresses of the same database for each role. `admin` is a superuser's, where there is one;
    a given database may lack the ledger's own logins."""

    app: str
    owner: str
    sequencer: str = ""
    migrator: str = ""
    retention: str = ""
    admin: str = ""


def prepare(
    admin_url: str,
    *,
    secret: Callable[[str], str],
    database: str = DATABASE,
    owner_creates_databases: bool = False,
) -> Logins:
    """Create the roles, the database and its extensions where they are missing.

    `admin_url` is a login that may create roles and databases; `secret` gives a role's password. A
    superuser puts the extensions into template1 too: the owner, who may not create them all, makes
    test databases from it (`owner_creates_databases`).
    """
    with psycopg.connect(admin_url, autocommit=True) as connection:
        superuser = connection.info.parameter_status("is_superuser") == "on"
        _role(connection, OWNER, password=secret(OWNER), creates=owner_creates_databases)
        for name in (APP, SEQUENCER, MIGRATOR, RETENTION):
            _role(connection, name, password=secret(name), creates=False)
        _database(connection, database)
        _act_as_owner(connection, MIGRATOR)
    for name in (["template1"] if superuser else []) + [database]:
        _extensions(urls.with_database(admin_url, name))
    address = urls.with_database(admin_url, database)

    def login(name: str) -> str:
        return urls.with_login(address, user=name, password=secret(name))

    return Logins(
        app=login(APP),
        owner=login(OWNER),
        sequencer=login(SEQUENCER),
        migrator=login(MIGRATOR),
        retention=login(RETENTION),
        admin=address if superuser else "",
    )


def may_create_roles(url: str) -> bool:
    """Whether this login could prepare the database."""
    query = "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
    with psycopg.connect(url, connect_timeout=10) as connection:
        row = connection.execute(query).fetchone()
    return bool(row and row[0])


def _role(connection: Connection, name: str, *, password: str, creates: bool) -> None:
    rights = sql.SQL("LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION {}").format(
        sql.SQL("CREATEDB" if creates else "NOCREATEDB")
    )
    known = _exists(connection, "pg_roles", "rolname", name)
    superuser = connection.info.parameter_status("is_superuser") == "on"
    connection.execute(
        sql.SQL("{} ROLE {} {} PASSWORD {}").format(
            sql.SQL("ALTER" if known else "CREATE"),
            sql.Identifier(name),
            # Only a superuser may so much as mention these rights of a role that exists.
            rights if superuser or not known else sql.SQL("LOGIN"),
            sql.Literal(password),
        )
    )


def _act_as_owner(connection: Connection, name: str) -> None:
    """Let a login do what the owner may; the session still tells who it is (`session_user`)."""
    owner, login = sql.Identifier(OWNER), sql.Identifier(name)
    connection.execute(sql.SQL("GRANT {} TO {}").format(owner, login))
    connection.execute(sql.SQL("ALTER ROLE {} SET role = {}").format(login, sql.Literal(OWNER)))


def _database(connection: Connection, name: str) -> None:
    known = _exists(connection, "pg_database", "datname", name)
    if known and _owner_of(connection, name) == OWNER:
        return
    # A login that is no superuser may give a database only to a role it is a member of.
    connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(OWNER)))
    command = "ALTER DATABASE {} OWNER TO {}" if known else "CREATE DATABASE {} OWNER {}"
    connection.execute(sql.SQL(command).format(sql.Identifier(name), sql.Identifier(OWNER)))


def _owner_of(connection: Connection, database: str) -> str:
    query = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s"
    row = connection.execute(query, [database]).fetchone()
    return str(row[0]) if row else ""


def _extensions(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for name in EXTENSIONS:
            connection.execute(
                sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name))
            )


def _exists(connection: Connection, table: str, column: str, value: str) -> bool:
    query = sql.SQL("SELECT 1 FROM {} WHERE {} = {}").format(
        sql.Identifier(table), sql.Identifier(column), sql.Literal(value)
    )
    return connection.execute(query).fetchone() is not None
