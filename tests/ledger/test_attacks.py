"""What the app's role and the schema's owner may not do to the events. See also `test_append`."""

import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from apps.common.ids import new_id
from tests.cast import Cast
from tests.ledger.bodies import body_of, make_tenant

WAYS = ("ledger_append(%s)", "ledger_add(%s)")
PARTITION = "select relid::regclass::text from pg_partition_tree('ledger_event') where isleaf"
BY_ANYONE = (
    "UPDATE ledger_event SET action = 'x'",
    "DELETE FROM ledger_event",
    "TRUNCATE ledger_event",
    "TRUNCATE ledger_event CASCADE",
    "TRUNCATE {partition}",
    "UPDATE {partition} SET body = ''",
    "DELETE FROM {partition}",
    "MERGE INTO ledger_event e USING (VALUES (1)) v ON true WHEN MATCHED THEN DELETE",
)
BY_THE_APP = (
    "ALTER TABLE ledger_event DISABLE TRIGGER ALL",
    "CREATE RULE quiet AS ON INSERT TO ledger_event DO INSTEAD NOTHING",
    "DROP POLICY scope ON ledger_event",
    "ALTER TABLE ledger_event DISABLE ROW LEVEL SECURITY",
    "DROP TABLE ledger_event",
    "CREATE TRIGGER t BEFORE INSERT ON ledger_event EXECUTE FUNCTION ledger_event_refuse()",
    "DROP FUNCTION ledger_append(bytea, boolean)",
    "CREATE OR REPLACE FUNCTION ledger_event_refuse() RETURNS trigger LANGUAGE sql AS ''",
    "ALTER TABLE ledger_event DETACH PARTITION ledger_event_h0",
    "ALTER TABLE ledger_event OWNER TO CURRENT_USER",
    "GRANT UPDATE ON ledger_event TO CURRENT_USER; UPDATE ledger_event SET action = 'x'",
    "SET session_replication_role = replica",
    "SET ROLE console_owner",
    "SELECT body FROM {partition}",
    "INSERT INTO ledger_event (tenant_id, body) SELECT tenant_id, body FROM ledger_event",
    "INSERT INTO {partition} (tenant_id, body) SELECT tenant_id, body FROM ledger_event",
    "SELECT setval('ledger_event_eid', 1)",
    "SELECT nextval('ledger_event_eid')",
    "SELECT ledger_make_partition(0, '2040-01-01')",
    "SELECT ledger_shut('ledger_event')",
    "SELECT ledger_make_partitions(10000)",
    "SELECT ledger_append(convert_to('{{}}', 'UTF8'), false)",
    "SELECT ledger_add(convert_to('{{}}', 'UTF8'))",
    "SELECT ledger_add(body) FROM ledger_event",
    "SET ROLE ledger_writer",
    "SELECT ledger_require('{{}}')",
    "SELECT ledger_is_known('1f0e2d3c-4b5a-4678-9abc-def012345678', '{{}}')",
    "DROP FUNCTION ledger_add(bytea[])",
    "DROP FUNCTION ledger_add(bytea)",
    "SELECT ledger_id_at(0, 2)",
    "SELECT ledger_append(convert_to(replace(convert_from(body, 'UTF8'), 'tenancy', 'x'), 'UTF8'),"
    " true) FROM ledger_event",
)


def _attack(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(PARTITION)
        partition = cursor.fetchone()[0]
        cursor.execute(sql.format(partition=partition))


def _attack_with(sql: str, values: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def _events() -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("select id, xmin::text, body, eid from ledger_event order by eid")
        return list(cursor.fetchall())


@pytest.mark.parametrize("attack", BY_ANYONE + BY_THE_APP)
def test_the_app_role_can_append_and_read_and_nothing_else(cast: Cast, attack: str) -> None:
    with cast.at_acme():
        before = _events()
        with pytest.raises(DatabaseError), transaction.atomic():
            _attack(attack)
        assert _events() == before


@pytest.mark.parametrize("way", WAYS)
def test_one_tenant_cannot_append_to_another(cast: Cast, way: str) -> None:
    with cast.at_acme(), pytest.raises(DatabaseError, match="not chosen"), transaction.atomic():
        _append(body_of(cast.globex.pk), way)


@pytest.mark.parametrize("way", WAYS)
def test_without_a_tenant_nothing_is_appended(cast: Cast, way: str) -> None:
    with pytest.raises(DatabaseError, match="not chosen"), transaction.atomic():
        _append(body_of(cast.acme.pk), way)


def test_events_of_two_tenants_are_not_taken_in_together(cast: Cast) -> None:
    with cast.at_acme():
        before = _events()
        bodies = [body_of(cast.acme.pk), body_of(cast.globex.pk)]
        with pytest.raises(DatabaseError, match="one by one"), transaction.atomic():
            _attack_with("select ledger_add(variadic %s)", [bodies])
        assert _events() == before


@pytest.mark.parametrize(
    "changed",
    [
        {"v": 1},
        {"event_id": None},
        {"event_id": "soon"},
        {"actor": None},
        {"action": "x" * 81},
        {"at": "soon"},
        {"target": "x"},
        {"source": None},
        {"source": {"id": str(uuid.UUID(int=1)), "seq": 0}},
        {"data": {"text": "\x00"}},
    ],
    ids=repr,
)
@pytest.mark.parametrize("way", WAYS)
def test_a_body_that_says_too_little_is_refused(
    cast: Cast, changed: dict[str, object], way: str
) -> None:
    with cast.at_acme():
        before = _events()
        with pytest.raises(DatabaseError), transaction.atomic():
            _append(body_of(cast.acme.pk, **changed), way)
        assert _events() == before


def _append(body: bytes, way: str = "ledger_append(%s)") -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"select {way}", [body])


REFUSED = (psycopg.errors.ObjectNotInPrerequisiteState, psycopg.errors.InsufficientPrivilege)


@pytest.fixture
def owner(owner_connection: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """The schema's owner in a transaction with one event, which is undone."""
    tenant = make_tenant(owner_connection)
    owner_connection.execute("select ledger_append(%s, false)", [body_of(tenant)])
    owner_connection.execute("set constraints all immediate")
    yield owner_connection
    owner_connection.rollback()


@pytest.mark.parametrize("attack", BY_ANYONE)
def test_triggers_refuse_the_owner_too(owner: psycopg.Connection, attack: str) -> None:
    before = owner.execute("select id, body from ledger_event").fetchall()
    names = "select tableoid::regclass::text from ledger_event"
    partition = str(owner.execute(names).fetchone()[0])  # type: ignore[index]
    with pytest.raises(REFUSED), owner.transaction():
        owner.execute(attack.format(partition=partition))
    assert owner.execute("select id, body from ledger_event").fetchall() == before


INSERT = """
    insert into {} (tenant_id, body, id, actor, action, target_type, target_id, at, recorded_at,
        source_id, source_seq, leaf, eid, xid)
    select tenant_id, convert_to(replace(convert_from(body, 'UTF8'), id::text, %(id)s), 'UTF8'),
        %(id)s::uuid, {}, action, target_type, target_id, at, recorded_at, source_id, source_seq,
        leaf, nextval('ledger_event_eid'), pg_current_xact_id() from ledger_event
"""


@pytest.mark.parametrize("columns", ["'x'", "actor"])
@pytest.mark.parametrize("where", ["ledger_event", "partition"])
def test_the_owner_adds_no_event_past_the_functions(
    owner: psycopg.Connection, where: str, columns: str
) -> None:
    """Neither with columns that its body denies nor with true ones."""
    names = "select tableoid::regclass::text from ledger_event"
    if where == "partition":
        where = str(owner.execute(names).fetchone()[0])  # type: ignore[index]
    with pytest.raises(REFUSED), owner.transaction():
        owner.execute(INSERT.format(where, columns).encode(), {"id": str(uuid.uuid4())})
    assert len(owner.execute(names).fetchall()) == 1


@pytest.mark.parametrize(
    "attack",
    [
        "set role ledger_writer",
        "grant ledger_writer to current_user",
        "alter function ledger_append(bytea, boolean) owner to current_user",
        "create function writes() returns int language sql security definer as 'select 1';"
        " alter function writes() owner to ledger_writer",
    ],
)
def test_nobody_becomes_the_role_that_may_insert(owner: psycopg.Connection, attack: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), owner.transaction():
        owner.execute(attack.encode())


def test_the_database_derives_the_columns(owner: psycopg.Connection) -> None:
    row = owner.execute(
        "select convert_from(body, 'UTF8')::jsonb @> jsonb_build_object('event_id', id, 'actor',"
        " actor, 'action', action, 'target', jsonb_build_object('type', target_type, 'id',"
        " target_id), 'source', jsonb_build_object('id', source_id, 'seq', source_seq)),"
        " at = '2026-11-22T03:04:05.000006Z', request_id, eid > 0, xid = pg_current_xact_id(),"
        " recorded_at between transaction_timestamp() and clock_timestamp() from ledger_event"
    ).fetchone()
    assert row == (True, True, None, True, True, True)


@pytest.mark.parametrize("way", [*WAYS, "ledger_add(variadic array[%s])"])
def test_the_database_derives_the_leaf(owner: psycopg.Connection, way: str) -> None:
    tenant = owner.execute("select current_setting('app.tenant')").fetchone()[0]  # type: ignore[index]
    owner.execute(f"select {way}".encode(), [body_of(uuid.UUID(tenant))])
    leaves = "select leaf = sha256('\\x00' || body) from ledger_event"
    assert owner.execute(leaves).fetchall() == [(True,), (True,)]


def test_events_of_one_call_stand_in_its_order(owner: psycopg.Connection) -> None:
    tenant = owner.execute("select current_setting('app.tenant')").fetchone()[0]  # type: ignore[index]
    ids = [uuid.UUID(int=new_id().int ^ number) for number in range(40)]
    bodies = [body_of(uuid.UUID(tenant), event_id=str(each)) for each in ids]
    owner.execute("select ledger_add(variadic %s)", [bodies])
    found = owner.execute("select id from ledger_event order by eid offset 1").fetchall()
    assert [each for (each,) in found] == ids


@pytest.mark.parametrize(
    "attack",
    [
        "insert into ledger_event (tenant_id, body, recorded_at)"
        " select tenant_id, body, '2026-11-01' from ledger_event",
        "insert into ledger_event (tenant_id, body, leaf) select tenant_id, body, leaf"
        " from ledger_event",
        "insert into ledger_event (tenant_id, body)"
        " select gen_random_uuid(), body from ledger_event",
    ],
)
def test_the_owner_cannot_forge_moment_tenant_or_leaf(
    owner: psycopg.Connection, attack: str
) -> None:
    with pytest.raises(psycopg.Error), owner.transaction():
        owner.execute(attack)
