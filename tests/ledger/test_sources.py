"""A lost event is missed by its source, by name and number, within two minutes."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import transaction

from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.ledger import completeness, receipts, sources
from apps.ledger import services as ledger
from apps.ledger.models import Event, Receipt
from apps.ledger.ranges import ranges_of
from apps.ledger.selectors import data_of
from tests.cast import INSTALLER, Cast, make_cast


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> sources.Source:
    """A process that has just started."""
    source = sources.Source(name="web")
    monkeypatch.setattr(sources, "_this_process", [source])
    return source


def _record(cast: Cast, count: int = 1, **more: Any) -> list[Event]:
    with scoped(tenant_id=cast.acme.pk):
        return [
            ledger.record(
                actor=INSTALLER,
                action="tenancy.member.added",
                target=cast.acme,
                at=database_now(),
                **more,
            )
            for _ in range(count)
        ]


def _gaps(cast: Cast, now: datetime) -> list[tuple[str, int, str]]:
    with scoped(tenant_id=cast.acme.pk):
        completeness.tell_gaps(now)
        completeness.tell_gaps(now)
        events = [data_of(event) for event in Event.objects.filter(action="ledger.source.gap")]
    return sorted((event["source"], event["number"], event["reason"]) for event in events)


def test_one_event_of_many_removed_by_a_superuser_is_named(
    transactional_db: None, process: sources.Source, admin_connection: psycopg.Connection
) -> None:
    cast = make_cast()
    lost = _record(cast, 300)[123]
    admin_connection.execute("set session_replication_role = replica")
    admin_connection.execute("alter table ledger_event disable trigger ledger_event_no_change")
    removed = admin_connection.execute("delete from ledger_event where id = %s", [lost.pk])
    assert removed.rowcount == 1
    admin_connection.execute(
        "alter table ledger_event enable always trigger ledger_event_no_change"
    )
    admin_connection.commit()
    receipts.flush_receipts()
    assert _gaps(cast, database_now()) == [("web", lost.source_seq, "lost")]


def test_rolled_back_numbers_are_not_missed_and_committed_ones_are_told_in_ranges(
    transactional_db: None, process: sources.Source
) -> None:
    cast = make_cast()
    receipts.flush_receipts()
    _record(cast, 3)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        _record(cast)
        raise ZeroDivisionError
    _record(cast, 2)
    receipts.flush_receipts()
    with scoped(tenant_id=cast.acme.pk):
        told = Receipt.objects.latest("at").acknowledged
    (first, third), (fifth, sixth) = told
    assert third == first + 2 and fifth == third + 2 and sixth == fifth + 1
    assert _gaps(cast, database_now()) == []


def test_silence_without_a_farewell_is_told_and_heartbeats_end_it(
    transactional_db: None, process: sources.Source
) -> None:
    cast = make_cast()
    last = _record(cast)[0].source_seq
    receipts.flush_receipts()
    later = database_now() + timedelta(minutes=3)
    with scoped(tenant_id=cast.acme.pk):
        assert [gap.reason for gap in completeness.find_gaps(later)] == ["silent"]
    receipts.flush_receipts(farewell=True)
    assert process.last_at == {}
    assert last and _gaps(cast, later) == []


@pytest.mark.django_db
def test_a_gap_free_source_outside_misses_the_number_it_left_out(cast: Cast) -> None:
    with cast.at_acme():
        source = receipts.register_source("org events")
    for number in (1, 2, 4):
        _record(cast, source=(source.id, number))
    assert _gaps(cast, database_now()) == [("org events", 3, "hole")]


@pytest.mark.django_db
def test_another_tenants_receipts_are_not_seen(cast: Cast) -> None:
    with cast.at_acme():
        receipts.register_source("org events")
    with cast.at_globex():
        assert not Receipt.objects.exists()


def test_numbers_as_ranges() -> None:
    assert ranges_of({5, 1, 2, 3, 9, 8}) == [[1, 3], [5, 5], [8, 9]]
    assert ranges_of([]) == []


def test_a_forked_process_is_a_source_of_its_own() -> None:
    assert sources.Source().id != sources.current_source().id
    assert isinstance(sources.current_source().id, uuid.UUID)
