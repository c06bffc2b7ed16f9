"""The tree's tables: the sequencer's login adds and reads ids, tenants read, nobody changes."""

import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from psycopg.errors import InsufficientPrivilege, ObjectNotInPrerequisiteState

from apps.ledger.models import Checkpoint, Leaf, Tile
from tests.cast import Cast

TABLES = ("ledger_leaf", "ledger_tile", "ledger_checkpoint", "ledger_batch")
ROWS = {
    "ledger_leaf": ("(tenant_id, seq, eid, event_id, leaf, batch)", "%s, 0, -9, %s, %s, 1"),
    "ledger_tile": (
        "(tenant_id, level, idx, data, root)",
        "%s, 0, 0, decode(repeat('00', 8192), 'hex'), %s",
    ),
    "ledger_checkpoint": ("(tenant_id, size, root, frontier, note)", "%s, 1, %s, %s, 'note'"),
    "ledger_batch": ("(id, low, hwm, own_xid, events)", "999999999, 0, 0, 3, 0"),
}
VALUES: dict[str, list[Any]] = {
    "ledger_leaf": [uuid.UUID(int=1), uuid.UUID(int=2), bytes(32)],
    "ledger_tile": [uuid.UUID(int=1), bytes(32)],
    "ledger_checkpoint": [uuid.UUID(int=1), bytes(32), bytes(32)],
    "ledger_batch": [],
}


def insertion(table: str) -> str:
    columns, values = ROWS[table]
    return f"INSERT INTO {table} {columns} VALUES ({values})"


@pytest.fixture
def sequencer(sequencer_connection: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """The sequencer's login with a row in every table, in a transaction that is undone."""
    for table in TABLES:
        sequencer_connection.execute(insertion(table), VALUES[table])
    yield sequencer_connection
    sequencer_connection.rollback()


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("attack", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_sequencer_changes_nothing(
    sequencer: psycopg.Connection, table: str, attack: str
) -> None:
    column = "low" if table == "ledger_batch" else "tenant_id"
    with pytest.raises(InsufficientPrivilege):
        sequencer.execute(attack.format(table, column, column))


@pytest.mark.parametrize("table", TABLES)
def test_the_serving_role_adds_nothing(cast: Cast, table: str) -> None:
    with cast.at_acme(), connection.cursor() as cursor:
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            cursor.execute(insertion(table), VALUES[table])


@pytest.mark.parametrize("table", TABLES)
def test_the_owner_adds_nothing_and_may_not_truncate(
    owner_connection: psycopg.Connection, table: str
) -> None:
    with pytest.raises(InsufficientPrivilege, match="row-level security"):
        owner_connection.execute(insertion(table), VALUES[table])
    owner_connection.rollback()
    with pytest.raises(ObjectNotInPrerequisiteState, match="append-only"):
        owner_connection.execute(f"TRUNCATE {table}")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("attack", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_not_even_a_superuser_changes_a_row_by_the_way(
    admin_connection: psycopg.Connection, table: str, attack: str
) -> None:
    column = "low" if table == "ledger_batch" else "tenant_id"
    admin_connection.execute(insertion(table), VALUES[table])
    with pytest.raises(ObjectNotInPrerequisiteState, match="append-only"):
        admin_connection.execute(attack.format(table, column, column))
    admin_connection.rollback()


def test_the_sequencer_never_sees_what_an_event_says(sequencer: psycopg.Connection) -> None:
    sequencer.execute("SELECT xid, eid, tenant_id, id, leaf, recorded_at FROM ledger_event")
    for column in ("body", "actor", "target_id", "*"):
        with pytest.raises(InsufficientPrivilege):
            sequencer.execute(f"SELECT {column} FROM ledger_event")
        sequencer.rollback()


def test_a_tenant_sees_nothing_of_anothers_log(cast: Cast) -> None:
    with cast.at_acme():
        for model in (Leaf, Tile, Checkpoint):
            assert not model.objects.exists()
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="permission denied"):
        cursor.execute("SELECT * FROM ledger_batch")
