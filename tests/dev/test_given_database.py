"""A database named in the environment instead of the embedded one."""

from pathlib import Path

import psycopg
import pytest

from console.dev import postgres, roles, servers, urls
from console.dev.trouble import Trouble


def database(server: postgres.Postgres, *, rights: str) -> str:
    """A database of a given login; its address."""
    with psycopg.connect(server.superuser_url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE given LOGIN PASSWORD 'given' {rights}")
        connection.execute("CREATE DATABASE given OWNER given")
    login = urls.with_login(server.superuser_url, user="given", password="given")
    return urls.with_database(login, "given")


def test_both_addresses_are_used_as_they_are(tmp_path: Path) -> None:
    environ = {
        "DATABASE_URL": "postgresql://app:a@db.example/console",
        "DATABASE_OWNER_URL": "postgresql://owner:o@db.example/console",
    }

    logins = servers.given_logins(tmp_path, environ)

    assert logins == roles.Logins(environ["DATABASE_URL"], environ["DATABASE_OWNER_URL"])


def test_a_login_that_may_create_roles_is_enough(server: postgres.Postgres, tmp_path: Path) -> None:
    url = database(server, rights="CREATEROLE CREATEDB")

    logins = servers.given_logins(tmp_path, {"DATABASE_URL": url})

    with psycopg.connect(logins.owner) as connection:
        connection.execute("CREATE TABLE made_by_the_owner (email citext)")
        owner = connection.execute("SELECT current_user").fetchone()
    with psycopg.connect(logins.app) as connection:
        app = connection.execute("SELECT current_user").fetchone()
    assert (owner, app) == ((roles.OWNER,), (roles.APP,))
    assert servers.given_logins(tmp_path, {"DATABASE_URL": url}) == logins


def test_a_login_that_may_not_create_roles_needs_the_owner_beside_it(
    server: postgres.Postgres, tmp_path: Path
) -> None:
    url = database(server, rights="")

    with pytest.raises(Trouble, match="DATABASE_OWNER_URL is missing: the login 'given'"):
        servers.given_logins(tmp_path, {"DATABASE_URL": url})


def test_a_maintenance_database_is_not_taken(server: postgres.Postgres, tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="name a database of its own"):
        servers.given_logins(tmp_path, {"DATABASE_URL": server.superuser_url})


def test_a_silent_server_is_named(tmp_path: Path) -> None:
    url = f"postgresql://app:a@/console?host={tmp_path}"

    with pytest.raises(Trouble, match="DATABASE_URL does not answer"):
        servers.given_logins(tmp_path, {"DATABASE_URL": url})
