"""What the app's role and the schema's owner may not do to the events. See also `test_append`."""

import uuid
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from tests.cast import Cast
from tests.ledger.bodies import body_of, make_tenant

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
    "SELECT ledger_append(convert_to(replace(convert_from(body, 'UTF8'), 'tenancy', 'x'), 'UTF8'),"
    " true) FROM ledger_event",
)


def _attack(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(PARTITION)
        partition = cursor.fetchone()[0]
        cursor.execute(sql.format(partition=partition))


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


def test_one_tenant_cannot_append_to_another(cast: Cast) -> None:
    with cast.at_acme(), pytest.raises(DatabaseError, match="not chosen"), transaction.atomic():
        _append(body_of(cast.globex.pk))


def test_without_a_tenant_nothing_is_appended(cast: Cast) -> None:
    with pytest.raises(DatabaseError, match="not chosen"), transaction.atomic():
        _append(body_of(cast.acme.pk))


@pytest.mark.parametrize(
    "changed",
    [
        {"v": 1},
        {"event_id": None},
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
def test_a_body_that_says_too_little_is_refused(cast: Cast, changed: dict[str, object]) -> None:
    with cast.at_acme():
        before = _events()
        with pytest.raises(DatabaseError), transaction.atomic():
            _append(body_of(cast.acme.pk, **changed))
        assert _events() == before


def _append(body: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select ledger_append(%s, false)", [body])


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


def test_the_owner_chooses_nothing_of_an_event(owner: psycopg.Connection) -> None:
    """Columns come from the body; position and transaction are given, whatever an INSERT names."""
    insert = """
        insert into ledger_event (tenant_id, body, id, actor, action, target_type, target_id, at,
            eid, xid)
        select tenant_id, convert_to(replace(convert_from(body, 'UTF8'), id::text, %s), 'UTF8'),
            gen_random_uuid(), 'x', 'x', 'x', 'x', '2001-01-01', -5, '3' from ledger_event
        returning id::text, actor, action, eid > 0, xid = pg_current_xact_id()
    """
    other = str(uuid.uuid4())
    row = owner.execute(insert, [other]).fetchone()
    assert row == (other, "service:test", "tenancy.member.added", True, True)


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
