"""Months of the ledger: made ahead, shut like the first, and missed loudly."""

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import rfc8785
from django.db import connection, transaction

from apps.common.clock import database_now
from apps.common.ids import new_id
from apps.ledger import services as ledger
from apps.ledger import tasks
from apps.ledger.models import Event
from tests.cast import Cast
from tests.ledger.bodies import body_of, make_tenant

SHUT = """
    select relid::regclass::text,
        c.relrowsecurity and c.relforcerowsecurity,
        has_table_privilege('{app}', relid, 'SELECT,INSERT,UPDATE,DELETE,TRUNCATE'),
        has_table_privilege(relowner, relid, 'INSERT'),
        (select array_agg(tgname || tgenabled::text order by tgname) from pg_trigger t
            where tgrelid = relid and not tgisinternal)
    from pg_partition_tree('ledger_event') join pg_class c on c.oid = relid
    where level > 0
"""


def _partitions() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select relid::regclass::text from pg_partition_tree('ledger_event')")
        return sorted(name for (name,) in cursor.fetchall())


def test_every_partition_is_shut_like_its_parent(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SHUT.format(app=connection.settings_dict["USER"]))
        rows = cursor.fetchall()
    guards = ["ledger_event_no_changeA", "ledger_event_no_truncateA"]
    unguarded = [*guards, "ledger_event_only_appendedA"]  # its owner has a right to insert then
    assert len(rows) > 4
    for name, row_security, may, owner_may, triggers in rows:
        wanted = unguarded if owner_may else guards
        assert (row_security, may, triggers) == (True, False, wanted), name


def test_months_to_come_are_made_by_the_daily_task_once(db: None) -> None:
    tasks.make_partitions()
    made = _partitions()
    later = database_now().replace(day=1) + timedelta(days=31 * 3)
    assert f"ledger_event_h3_{later:%Y_%m}" in made
    tasks.make_partitions()
    assert _partitions() == made
    with connection.cursor() as cursor:
        cursor.execute("select ledger_make_partitions(5)")
    now = f"{database_now():%Y_%m}"
    months = [name[-7:] for name in _partitions() if name[-7:].startswith("2")]
    assert len([month for month in months if month >= now]) == 4 * 6


def test_without_its_month_an_event_is_refused(admin_connection: psycopg.Connection) -> None:
    """A superuser takes the month away inside a transaction, which is undone."""
    tenant = make_tenant(admin_connection)
    with pytest.raises(psycopg.errors.CheckViolation, match="no partition"):
        for share in range(4):
            month = f"ledger_event_h{share}_{datetime.now(UTC):%Y_%m}"
            admin_connection.execute(f"drop table {month}".encode())
        admin_connection.execute("select ledger_append(%s)", [body_of(tenant)])


def _record(cast: Cast, event_id: uuid.UUID, **data: object) -> Event:
    return ledger.record(
        actor=cast.alice,
        action="tenancy.member.added",
        target=cast.acme,
        at=database_now(),
        data=data,
        event_id=event_id,
    )


@pytest.mark.parametrize("make", [uuid.uuid4, new_id, lambda: uuid.uuid5(uuid.NAMESPACE_OID, "x")])
def test_a_given_id_is_recorded_once_whatever_made_it(cast: Cast, make: object) -> None:
    event_id = make()  # type: ignore[operator]
    with cast.at_acme():
        first = _record(cast, event_id, n=1)
        again = _record(cast, event_id, n=1)
        assert (again.pk, again.recorded_at, bytes(again.body)) == (
            first.pk,
            first.recorded_at,
            first.body,
        )
        with pytest.raises(ledger.Clash), transaction.atomic():
            _record(cast, event_id, n=2)


def test_an_act_tried_again_later_through_another_request_is_known(
    owner_connection: psycopg.Connection,
) -> None:
    """When and through which request it was tried is no part of the act."""
    tenant = make_tenant(owner_connection)
    body = body_of(tenant, event_id=str(uuid.uuid4()))
    owner_connection.execute("select ledger_append(%s)", [body])
    said = {**json.loads(body), "at": "2027-01-01T00:00:00.000000+00:00", "request": str(tenant)}
    tried_again = rfc8785.dumps(said)
    ask = "select repeated from ledger_append(%s)"
    assert owner_connection.execute(ask, [tried_again]).fetchone() == (True,)
    owner_connection.rollback()


LAST_YEAR = uuid.UUID("0191a2b3-c4d5-7e6f-8a9b-0c1d2e3f4a5b")


@pytest.mark.parametrize("event_id", [uuid.uuid4(), LAST_YEAR], ids=["without a moment", "old"])
def test_an_id_that_was_not_made_this_month_is_looked_up(
    owner_connection: psycopg.Connection, event_id: uuid.UUID
) -> None:
    """Its month's index alone would not tell whether it was recorded before."""
    body = body_of(make_tenant(owner_connection), event_id=str(event_id))
    for _ in range(2):
        owner_connection.execute("select ledger_add(%s)", [body])
    assert owner_connection.execute("select id from ledger_event").fetchall() == [(event_id,)]
    owner_connection.rollback()


def test_an_id_made_this_month_is_taken_once(owner_connection: psycopg.Connection) -> None:
    body = body_of(make_tenant(owner_connection))
    owner_connection.execute("select ledger_add(%s)", [body])
    with pytest.raises(psycopg.errors.UniqueViolation):
        owner_connection.execute("select ledger_add(%s)", [body])
    owner_connection.rollback()


@pytest.mark.parametrize("write", [str.upper, "{{{}}}".format, lambda it: it.replace("-", "")])
def test_an_id_is_known_however_it_is_written(
    owner_connection: psycopg.Connection, write: Callable[[str], str]
) -> None:
    tenant, event_id = make_tenant(owner_connection), str(new_id())
    for way in ("ledger_add", "ledger_append"):
        body = body_of(tenant, event_id=write(event_id))
        owner_connection.execute(f"select {way}(%s)".encode(), [body])
    assert owner_connection.execute("select id::text from ledger_event").fetchall() == [(event_id,)]
    next_month = write(str(uuid.UUID(int=new_id().int + (32 * 86_400_000 << 80))))
    for way in ("ledger_add", "ledger_append"):
        body = body_of(tenant, event_id=next_month)
        with pytest.raises(psycopg.Error, match="future"), owner_connection.transaction():
            owner_connection.execute(f"select {way}(%s)".encode(), [body])
    owner_connection.rollback()


def test_an_id_from_the_future_is_refused(cast: Cast) -> None:
    """It could be recorded once more, in a later month, without being looked up."""
    future = uuid.UUID(int=new_id().int + (7_200_000 << 80))
    with cast.at_acme(), pytest.raises(ledger.NotRecorded) as refused, transaction.atomic():
        _record(cast, future)
    assert "from the future" in str(refused.value.__cause__)
