"""The checks of the ledger can fail: each is shown a state that it must not call good."""

from datetime import timedelta

import psycopg
import pytest

from apps.common.clock import database_now
from apps.evidence.catalogue.checks import ledger
from tests.cast import Cast


def test_events_without_a_place_are_found(cast: Cast) -> None:
    with cast.at_acme():
        now = database_now()
        assert ledger.events_placed(now).result == "unknown"  # too young to be judged
        found = ledger.events_placed(now + timedelta(minutes=6))
    assert found.result == "danger"
    assert "Without a place" in found.sentence


def test_triggers_protect_every_table_of_events(cast: Cast) -> None:
    with cast.at_acme():
        assert ledger.triggers_on(database_now()).result == "good"


def test_a_missing_trigger_is_found(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    unprotected = ledger._TRIGGERS.replace("'ledger_event'", "'evidence_pack'", 1)
    monkeypatch.setattr(ledger, "_TRIGGERS", unprotected)
    with cast.at_acme():
        found = ledger.triggers_on(database_now())
    assert (found.result, "evidence_pack" in found.sentence) == ("danger", True)


def test_the_guard_is_judged_by_what_the_database_has(
    cast: Cast, owner_connection: psycopg.Connection
) -> None:
    rows = owner_connection.execute(
        "select evtevent from pg_event_trigger where evtname like 'ledger\\_%'"
    ).fetchall()
    installed = {"ddl_command_end", "sql_drop"} <= {name for (name,) in rows}
    with cast.at_acme():
        found = ledger.guard_installed(database_now())
    assert found.result == ("good" if installed else "attention")
