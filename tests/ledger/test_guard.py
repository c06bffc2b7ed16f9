"""The schema's owner changes nothing about the ledger; the break-glass login does, and is noted."""

from collections.abc import Iterator
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command

from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.ledger import guard
from apps.ledger.models import Event
from apps.ledger.selectors import data_of
from tests.cast import make_cast
from tests.ledger.bodies import body_of, make_tenant

ATTACKS = (
    "ALTER TABLE ledger_event DISABLE TRIGGER ledger_event_no_change",
    "ALTER TABLE {partition} DISABLE TRIGGER ALL",
    "ALTER TABLE ledger_event ENABLE TRIGGER ledger_event_no_change",
    "DROP TRIGGER ledger_event_no_change ON ledger_event",
    "ALTER TRIGGER ledger_event_no_change ON ledger_event RENAME TO quiet",
    "DROP FUNCTION ledger_event_refuse() CASCADE",
    "CREATE OR REPLACE FUNCTION ledger_event_refuse() RETURNS trigger LANGUAGE plpgsql"
    " AS 'BEGIN RETURN NEW; END'",
    "ALTER FUNCTION ledger_append(bytea, boolean) RENAME TO quiet",
    "ALTER FUNCTION ledger_append(bytea, boolean) SECURITY INVOKER",
    "CREATE RULE quiet AS ON INSERT TO ledger_event DO INSTEAD NOTHING",
    "CREATE RULE quiet AS ON UPDATE TO {partition} DO INSTEAD NOTHING",
    "ALTER POLICY scope ON ledger_event USING (true)",
    "DROP POLICY scope ON ledger_event",
    "CREATE POLICY all_of_it ON ledger_event USING (true)",
    "ALTER TABLE ledger_event DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE ledger_event NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE ledger_event ALTER COLUMN actor TYPE text",
    "ALTER TABLE ledger_event ALTER COLUMN leaf SET DEFAULT ''",
    "ALTER TABLE ledger_event ADD COLUMN note text",
    "ALTER TABLE ledger_event RENAME TO something",
    "ALTER TABLE ledger_event SET SCHEMA pg_temp",
    "ALTER TABLE ledger_event_h0 DETACH PARTITION ledger_event_h0_{month}",
    "CREATE TABLE forged PARTITION OF ledger_event_h0"
    " FOR VALUES FROM ('2001-01-01') TO ('2001-02-01')",
    "CREATE TABLE forged (LIKE ledger_event INCLUDING GENERATED);"
    " ALTER TABLE ledger_event_h0 ATTACH PARTITION forged"
    " FOR VALUES FROM ('2001-01-01') TO ('2001-02-01')",
    "DROP TABLE {partition}",
    "DROP TABLE ledger_event CASCADE",
    "DROP SCHEMA public CASCADE",
    "ALTER SCHEMA public RENAME TO elsewhere",
    "DROP OWNED BY CURRENT_USER",
    "GRANT INSERT, UPDATE ON {partition} TO PUBLIC",
    "GRANT UPDATE ON SEQUENCE ledger_event_eid TO PUBLIC",
    "REVOKE EXECUTE ON FUNCTION ledger_require(jsonb) FROM ledger_writer",
    "ALTER TABLE ledger_event OWNER TO pg_database_owner",
    "CREATE INDEX ON ledger_event ((leaf || leaf))",
    "SET session_replication_role = replica",
    "DROP SCHEMA ledger_guard CASCADE",
    "CREATE OR REPLACE FUNCTION ledger_guard.fingerprint() RETURNS text LANGUAGE sql AS ''",
    "SELECT setval('ledger_event_eid', 1)",
    "GRANT UPDATE ON SEQUENCE ledger_event_eid TO CURRENT_USER",
    "DROP EVENT TRIGGER ledger_guard",
    "ALTER EVENT TRIGGER ledger_guard DISABLE",
    "DELETE FROM ledger_guard.log",
    "UPDATE ledger_guard.state SET fingerprint = ''",
    "SELECT ledger_guard.note('x')",
    "COPY ledger_event (tenant_id, body) FROM PROGRAM 'true'",
    "SET ROLE ledger_migrator; ALTER TABLE ledger_event DISABLE TRIGGER ALL",
    "ALTER SEQUENCE ledger_event_eid RESTART WITH 1",
    "ALTER SEQUENCE ledger_event_eid INCREMENT BY -1 MINVALUE -100000",
    "ALTER SEQUENCE ledger_event_eid CACHE 1000",
    "ALTER TABLE ledger_event ALTER COLUMN target_type TYPE varchar(60) USING 'forged'",
    "ALTER TABLE ledger_event ALTER COLUMN xid TYPE xid8 USING '3'::xid8",
    "ALTER TABLE ledger_event ALTER COLUMN target_type TYPE varchar(61)",
    "ALTER TABLE ledger_leaf ALTER COLUMN leaf TYPE bytea USING sha256('x')",
    "ALTER TABLE ledger_checkpoint ALTER COLUMN note TYPE text USING 'forged'",
    "ALTER TABLE ledger_anchor ALTER COLUMN proof TYPE bytea USING 'forged'::bytea",
    "ALTER TABLE ledger_batch ALTER COLUMN low TYPE bigint USING 1000000",
    "ALTER TABLE ledger_prunemark ALTER COLUMN below TYPE bigint USING 1000000",
    "ALTER FUNCTION ledger_append(bytea, boolean) STABLE",
    "ALTER FUNCTION ledger_add(bytea[]) RESET ALL",
    "CREATE OR REPLACE FUNCTION ledger_add(VARIADIC bodies bytea[]) RETURNS timestamptz"
    " LANGUAGE sql AS 'select now()'",
    "GRANT INSERT ON ledger_event TO console_app",
    "ALTER POLICY writer ON ledger_event TO PUBLIC",
    "GRANT INSERT ON ledger_event TO CURRENT_USER",
    "GRANT INSERT ON {partition} TO CURRENT_USER",
    "CREATE OR REPLACE FUNCTION ledger_id_at(months int, hours int) RETURNS uuid LANGUAGE sql"
    " AS 'select gen_random_uuid()'",
    "CREATE TRIGGER more BEFORE INSERT ON ledger_event FOR EACH ROW"
    " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE OR REPLACE FUNCTION ledger_id_made(id text) RETURNS bigint LANGUAGE sql AS 'select 1'",
    "ALTER TABLE tenancy_tenant DISABLE TRIGGER ledger_keep_tenant",
    "CREATE SCHEMA console_app CREATE TABLE ledger_event (n int)",
    "CREATE SCHEMA console_app; CREATE FUNCTION console_app.ledger_append(bytea, boolean)"
    " RETURNS int LANGUAGE sql AS 'select 1'",
    "CREATE TEMP VIEW ledger_event AS SELECT 1",
)
COMMITTING = (
    "ALTER TABLE {parent} DETACH PARTITION {partition} CONCURRENTLY",
    "DROP INDEX CONCURRENTLY {partition}_id",
    "CREATE UNIQUE INDEX CONCURRENTLY ON ledger_leaf ((1))",
)
STATES = "select inhrelid, inhdetachpending from pg_inherits order by 1"
INDEXES = "select indexrelid, indisvalid, indisready, indislive from pg_index order by 1"


@pytest.fixture
def guarded(
    admin_connection: psycopg.Connection, owner_connection: psycopg.Connection
) -> Iterator[psycopg.Connection]:
    """The owner, in a transaction with one event, which is undone; skips without a superuser."""
    tenant = make_tenant(owner_connection)
    owner_connection.execute("select ledger_append(%s)", [body_of(tenant)])
    owner_connection.execute("set constraints all immediate")
    yield owner_connection
    owner_connection.rollback()


def _state(connection: psycopg.Connection) -> list[tuple[object, ...]]:
    return connection.execute(
        "select id, body, eid, tableoid::regclass::text, ledger_guard.fingerprint()"
        " from ledger_event"
    ).fetchall()


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_owner_is_refused(guarded: psycopg.Connection, attack: str) -> None:
    before = _state(guarded)
    partition = str(before[0][3])
    with pytest.raises(psycopg.Error), guarded.transaction():
        guarded.execute(attack.format(partition=partition, month=partition[-7:]).encode())
    assert _state(guarded) == before


@pytest.mark.parametrize("attack", COMMITTING)
def test_what_commits_halfway_is_refused_before_it_begins(
    admin_connection: psycopg.Connection, owner_connection: psycopg.Connection, attack: str
) -> None:
    owner_connection.autocommit = True
    names = (
        "select inhparent::regclass::text, inhrelid::regclass::text from pg_inherits"
        " where inhrelid::regclass::text like 'ledger_event_h0_%' order by 2 desc limit 1"
    )
    parent, partition = owner_connection.execute(names).fetchone() or ("", "")
    before = [owner_connection.execute(each).fetchall() for each in (STATES, INDEXES)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="guarded"):
        owner_connection.execute(attack.format(parent=parent, partition=partition).encode())
    assert [owner_connection.execute(each).fetchall() for each in (STATES, INDEXES)] == before


def test_the_owner_still_changes_other_tables(guarded: psycopg.Connection) -> None:
    guarded.execute("create table plain (n int); alter table plain add m int; drop table plain")
    guarded.execute("create table plain (n int); alter table plain alter n type bigint")


def test_the_migrator_may_and_is_noted(
    admin_connection: psycopg.Connection, migrator_connection: psycopg.Connection
) -> None:
    migrator_connection.execute("alter table ledger_event add column note text")
    noted = "select login, command from ledger_guard.log order by id desc limit 1"
    assert migrator_connection.execute(noted).fetchone() == ("ledger_migrator", "ALTER TABLE")
    with pytest.raises(psycopg.Error, match=r"denied|append-only"):
        migrator_connection.execute("delete from ledger_guard.log")
    migrator_connection.rollback()


def test_the_months_to_come_are_made_under_guard(admin_connection: psycopg.Connection) -> None:
    """The serving role's one way to new tables of the ledger; its owner owns them."""
    admin_connection.execute("set session authorization console_app")
    admin_connection.execute("select ledger_make_partitions(5)")
    owners = "select distinct relowner from pg_class where relname like 'ledger\\_event\\_h%'"
    assert len(admin_connection.execute(owners).fetchall()) == 1
    may = "select from pg_class where relname like 'ledger\\_event%' and relkind in ('r', 'p')"
    may += " and has_table_privilege(relowner, oid, 'INSERT')"
    assert not admin_connection.execute(may).fetchall()
    admin_connection.rollback()


def test_the_command_prints_the_sql_and_tells_whether_it_stands(
    transactional_db: None, admin_connection: psycopg.Connection
) -> None:
    said = StringIO()
    call_command("ledger_guard", stdout=said)
    assert "CREATE EVENT TRIGGER ledger_guard" in said.getvalue()
    call_command("ledger_guard", "--check", stdout=said)
    assert said.getvalue().endswith("The ledger is guarded.\n")
    assert guard.is_installed()
    admin_connection.execute("alter event trigger ledger_guard disable")
    admin_connection.commit()
    try:
        with pytest.raises(CommandError, match="not guarded"):
            call_command("ledger_guard", "--check")
    finally:
        admin_connection.execute("alter event trigger ledger_guard enable always")
        admin_connection.commit()


def test_each_use_of_the_break_glass_login_is_told_once_in_each_tenants_ledger(
    transactional_db: None,
    admin_connection: psycopg.Connection,
    migrator_connection: psycopg.Connection,
) -> None:
    migrator_connection.execute("alter table ledger_event add column note text")
    migrator_connection.execute("alter table ledger_event drop column note")
    migrator_connection.commit()
    cast = make_cast()
    for tenant in (cast.acme, cast.globex):
        for _ in range(2):
            with scoped(tenant_id=tenant.pk):
                guard.tell_uses(database_now())
        with scoped(tenant_id=tenant.pk):
            uses = [data_of(event) for event in Event.objects.filter(action="ledger.guard.used")]
        made = [use["command"] for use in uses if use["login"] == "ledger_migrator"]
        assert made == ["ALTER TABLE", "ALTER TABLE"]
