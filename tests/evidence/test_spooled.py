"""A pack says first what a host kept before the ledger could be written."""

from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from apps.breakglass.models import Request
from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.evidence.pack.language import language
from apps.evidence.sections import one_emergency
from apps.evidence.sections.brief import Brief
from apps.evidence.sections.window import Window
from apps.ledger import services as ledger
from apps.ledger.models import Event
from apps.ledger.spool import draining, key, place, preparing
from apps.ledger.spool.switch import spooling
from tests.breakglass.conftest import make_emergency
from tests.cast import make_cast


@pytest.fixture
def spooled(transactional_db: None, settings: Settings, tmp_path: Path) -> Request:
    """An active access with two reads in the spool."""
    settings.LEDGER_SPOOL = str(tmp_path / "spool")
    emergency = make_emergency(make_cast())
    tenant_id, bob = emergency.cast.acme.pk, emergency.cast.bob
    preparing.tell_tenant(tenant_id, key.make_host_key().name)
    with emergency.cast.at_acme("bob"):
        request = emergency.active()
    with spooling(tenant_id=tenant_id, why="53100"), scoped(tenant_id=tenant_id):
        for _ in range(2):
            now = database_now()
            ledger.record(actor=bob, action="breakglass.record.read", target=request, at=now)
    return request


def _exceptions(request: Request, code: str = "en") -> list[tuple[str, str]]:
    with scoped(tenant_id=request.tenant.pk):
        now = database_now()
        brief = Brief(
            window=Window(start=now - timedelta(days=1), end=now),
            say=language(code),
            at=now,
            events=Event.objects.filter(target_id=str(request.pk)),
            subject_id=request.pk,
        )
        return [(f.result, f.detail) for f in one_emergency.write(brief).exceptions]


def test_what_waits_and_what_came_later_is_the_first_exception(spooled: Request) -> None:
    assert _exceptions(spooled)[0] == (
        "unknown",
        "2 events: still in a spool, so neither in the ledger nor in this pack.",
    )
    draining.drain(tenant_id=spooled.tenant.pk)
    result, words = _exceptions(spooled)[0]
    assert result == "attention"
    assert words.startswith("2 events: the database's disk was full when it happened. Signed on ")
    assert "die Platte der Datenbank war voll" in _exceptions(spooled, "de")[0][1]


def test_a_spool_that_was_tampered_with_comes_before_all_else(spooled: Request) -> None:
    (file,) = place.files_of(spooled.tenant.pk)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(lines[0] + lines[2])
    draining.drain(tenant_id=spooled.tenant.pk)
    assert _exceptions(spooled)[0] == ("danger", "Number 1 of that spool: missing.")
