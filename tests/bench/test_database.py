"""What row security, the ledger's guards and sealing cost, each beside the same without them."""

import secrets
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg import sql

from apps.common.clock import database_now
from apps.custody.sealing import open_value, seal_value
from apps.ledger import services as ledger
from apps.ledger.models import Event
from tests.bench.report import record
from tests.bench.timing import seconds_each, seconds_once
from tests.cast import Cast

pytestmark = pytest.mark.bench

TENANTS, FIELDS, EVENTS = 50, 500, 500
QUERY = (
    "select field_name, data_class from residency_fieldclass"
    " where tenant_id = %s and object_name = 'Case' order by field_name limit 50"
)


@pytest.fixture
def crowd(owner_connection: psycopg.Connection) -> Iterator[uuid.UUID]:
    """Many tenants with many rows, in a transaction that is undone; one of them."""
    tenants = [uuid.uuid4() for _ in range(TENANTS)]
    for tenant in tenants:
        owner_connection.execute("select set_config('app.tenant', %s, true)", [str(tenant)])
        owner_connection.execute(
            "insert into tenancy_tenant (id, slug, name) values (%s, %s, 'Bench')",
            [tenant, tenant.hex],
        )
        owner_connection.execute(
            "insert into residency_fieldclass (id, tenant_id, object_name, field_name, data_class)"
            " select gen_random_uuid(), %s, 'Case', 'Field_' || n || '__c', 'fit'"
            " from generate_series(1, %s) n",
            [tenant, FIELDS],
        )
    owner_connection.execute("set constraints all immediate")
    owner_connection.execute("analyze residency_fieldclass")
    yield tenants[-1]
    owner_connection.rollback()


def test_row_security_on_a_list(owner_connection: psycopg.Connection, crowd: uuid.UUID) -> None:
    """The same query by the same role: policies are forced on the owner, too, until lifted."""

    def ask() -> list[Any]:
        return owner_connection.execute(QUERY, [crowd]).fetchall()

    assert len(ask()) == 50
    guarded = seconds_each(ask, times=200)
    owner_connection.execute("alter table residency_fieldclass no force row level security")
    open_ = seconds_each(ask, times=200)
    assert len(ask()) == 50
    record(
        "database",
        "50 of 25,000 rows with row security",
        guarded * 1e6,
        "µs",
        peer="the same without",
        ratio=guarded / open_,
    )


def test_recording_beside_a_plain_insert(cast: Cast, owner_connection: psycopg.Connection) -> None:
    with cast.at_acme() as alice:
        now = database_now()

        def append() -> None:
            for _ in range(EVENTS):
                ledger.record(actor=alice, action="custody.token.ended", target=cast.acme, at=now)

        append()
        recorded = seconds_once(append) / EVENTS
        names = [field.attname for field in Event._meta.concrete_fields]
        rows = list(Event.objects.order_by("-recorded_at").values_list(*names)[:EVENTS])
    plain = _plain_inserts(owner_connection, names, rows) / EVENTS
    record(
        "ledger",
        "record()",
        1 / recorded,
        "events/s",
        peer="plain INSERT of the same row",
        ratio=plain / recorded,
    )


def _plain_inserts(
    owner: psycopg.Connection, names: list[str], rows: list[tuple[Any, ...]]
) -> float:
    """Seconds for the same rows, one by one, in a table with no triggers, policies or indexes."""
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    owner.execute(
        sql.SQL(
            "create temporary table plain_event on commit drop as"
            " select {} from ledger_event limit 0"
        ).format(columns)
    )
    insert = sql.SQL("insert into plain_event ({}) values ({})").format(
        columns,
        sql.SQL(", ").join([sql.Placeholder()] * len(names)),
    )

    def append() -> None:
        for row in rows:
            owner.execute(insert, row)

    append()
    took = seconds_once(append)
    owner.rollback()
    return took


def test_sealing_beside_bare_encryption(cast: Cast) -> None:
    text = b"Single sign-on is down and the hearing begins at nine. " * 4
    bare = AESGCM(AESGCM.generate_key(bit_length=256))
    encrypt = seconds_each(lambda: bare.encrypt(secrets.token_bytes(12), text, b"p"), times=2_000)
    with cast.at_acme():
        sealed = seal_value(text, purpose="bench", place="table/row/column")
        seal = seconds_each(
            lambda: seal_value(text, purpose="bench", place="table/row/column"), times=500
        )
        open_ = seconds_each(
            lambda: open_value(sealed, purpose="bench", place="table/row/column"), times=2_000
        )
    peer = "bare AES-GCM"
    record("custody", "sealing 220 bytes", 1 / seal, "values/s", peer=peer, ratio=encrypt / seal)
    record("custody", "opening 220 bytes", 1 / open_, "values/s", peer=peer, ratio=encrypt / open_)
