"""The embedded servers: real ones, started, used and stopped."""

import os
import signal
import stat
from pathlib import Path

import psycopg
import pytest
import redis

from console.dev import postgres, roles, servers, sockets, urls, valkey
from console.dev.account import Account, server_account
from console.dev.trouble import Trouble


def prepare(server: postgres.Postgres) -> roles.Logins:
    return roles.prepare(server.superuser_url, secret=lambda role: role.rpartition("_")[2])


def test_postgres_starts_answers_only_on_its_socket_and_stops(state: Path) -> None:
    server = postgres.start(state, durable=False)
    try:
        with psycopg.connect(server.superuser_url) as connection:
            row = connection.execute("SHOW listen_addresses").fetchone()
        assert row == ("",)
        assert stat.S_IMODE(server.sockets.stat().st_mode) == 0o700
        assert stat.S_IMODE((state / "postgres.password").stat().st_mode) == 0o600
    finally:
        server.stop()
    assert not server.is_ready()


def test_a_wrong_password_is_refused(server: postgres.Postgres) -> None:
    wrong = urls.with_login(server.superuser_url, user="postgres", password="guess")

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_a_second_start_finds_the_running_server(server: postgres.Postgres, state: Path) -> None:
    assert postgres.start(state, durable=False).was_running


def test_postgres_recovers_after_it_was_killed(state: Path) -> None:
    server = postgres.start(state)
    try:
        with psycopg.connect(server.superuser_url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept (n int)")
        pid = (server.data / "postmaster.pid").read_text().split()[0]
        os.kill(int(pid), signal.SIGKILL)

        again = postgres.start(state)

        with psycopg.connect(again.superuser_url) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    finally:
        server.stop(mode="immediate")


def test_the_serving_role_has_no_power_and_the_owner_owns(server: postgres.Postgres) -> None:
    logins = prepare(server)
    rights = """SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole
                FROM pg_roles WHERE rolname = current_user"""

    for url in (logins.app, logins.owner):
        with psycopg.connect(url) as connection:
            assert connection.execute(rights).fetchone() == (False, False, False, False)
    with psycopg.connect(logins.owner) as connection:
        connection.execute("CREATE TABLE made_by_the_owner (n int)")
    with (
        psycopg.connect(logins.app) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("CREATE TABLE made_by_the_app (n int)")


def test_preparing_again_keeps_the_data_and_takes_back_gained_rights(
    server: postgres.Postgres,
) -> None:
    logins = prepare(server)
    with psycopg.connect(logins.owner) as connection:
        connection.execute("CREATE TABLE kept (n int)")
    with psycopg.connect(server.superuser_url, autocommit=True) as connection:
        connection.execute("ALTER ROLE console_app BYPASSRLS")

    prepare(server)

    with psycopg.connect(server.superuser_url) as connection:
        query = "SELECT rolbypassrls FROM pg_roles WHERE rolname = 'console_app'"
        assert connection.execute(query).fetchone() == (False,)
    with psycopg.connect(logins.owner) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_the_migrator_acts_as_the_owner_and_the_session_still_tells_who_it_is(
    server: postgres.Postgres,
) -> None:
    with psycopg.connect(prepare(server).migrator) as connection:
        connection.execute("CREATE TABLE made_by_the_migrator (n int)")
        row = connection.execute("SELECT current_user, session_user").fetchone()
        query = "SELECT tableowner FROM pg_tables WHERE tablename = 'made_by_the_migrator'"
        owner = connection.execute(query).fetchone()

    assert row == (roles.OWNER, roles.MIGRATOR)
    assert owner == (roles.OWNER,)


def test_new_databases_have_the_extensions(server: postgres.Postgres) -> None:
    roles.prepare(server.superuser_url, secret=lambda role: role, owner_creates_databases=True)
    owner = urls.with_login(server.superuser_url, user=roles.OWNER, password=roles.OWNER)
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("CREATE DATABASE another")

    with psycopg.connect(urls.with_database(owner, "another")) as connection:
        rows = connection.execute("SELECT extname FROM pg_extension").fetchall()
    assert {name for (name,) in rows} >= set(roles.EXTENSIONS)


def test_valkey_keeps_what_it_was_given(state: Path) -> None:
    first = valkey.start(state)
    redis.Redis.from_url(first.url).set("job", "1")
    first.stop()
    assert not valkey.answers(first.socket)

    second = valkey.start(state)
    try:
        client = redis.Redis.from_url(second.url)
        assert client.get("job") == b"1"
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    finally:
        second.stop()


def test_a_socket_directory_that_others_may_enter_is_refused(tmp_path: Path) -> None:
    account = Account(os.geteuid(), os.getegid())
    directory = tmp_path / "run"
    directory.mkdir(mode=0o755)

    with pytest.raises(Trouble, match="not a private directory"):
        sockets.verify(directory, account)


def test_a_socket_directory_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "run").symlink_to(tmp_path / "real")

    with pytest.raises(Trouble, match="not a private directory"):
        sockets.verify(tmp_path / "run", Account(os.geteuid(), os.getegid()))


def test_a_long_path_gets_a_short_socket_directory(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 90)
    deep.mkdir()

    directory = sockets.socket_directory(deep, server_account(), short_place=tmp_path)

    assert directory.parent == tmp_path
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "url", ["redis://127.0.0.1:1/0", "unix:///nowhere/valkey.sock", "nonsense"]
)
def test_a_broker_that_does_not_answer_is_named(url: str) -> None:
    with pytest.raises(Trouble, match="REDIS_URL does not answer"):
        servers.require_broker(url)
