"""The checks of the ledger can fail: each is shown a state that it must not call good."""

from datetime import timedelta

import psycopg
import pytest

from apps.common.clock import database_now
from apps.evidence.catalogue.checks import ledger
from apps.ledger.models import Verification
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
    installed = {name for (name,) in rows} >= ledger.GUARDED
    with cast.at_acme():
        found = ledger.guard_installed(database_now())
    assert found.result == ("good" if installed else "attention")


def _verified(code: int, *, ago: timedelta) -> None:
    at = database_now() - ago
    Verification.objects.create(
        started_at=at, finished_at=at, actor="service:ledger", began_with=0, size=7,
        root=bytes(32), code=code, findings=["entry 3 was changed"] if code else [],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("code", "ago", "verifies", "lately"),
    [
        (0, timedelta(hours=1), "good", "good"),
        (0, timedelta(days=3), "good", "attention"),
        (5, timedelta(hours=1), "danger", "good"),
    ],
)
def test_the_newest_verification_decides(
    cast: Cast, code: int, ago: timedelta, verifies: str, lately: str
) -> None:
    with cast.at_acme():
        assert ledger.ledger_verifies(database_now()).result == "unknown"
        assert ledger.verified_lately(database_now()).result == "unknown"
        _verified(0, ago=timedelta(days=30))
        _verified(code, ago=ago)
        assert ledger.ledger_verifies(database_now()).result == verifies
        assert ledger.verified_lately(database_now()).result == lately
