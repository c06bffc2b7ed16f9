"""A tenant, this host's spool in a directory of the test, and events that go there."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pytest_django.fixtures import Settings

from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.ledger import selectors
from apps.ledger import services as ledger
from apps.ledger.models import Event
from apps.ledger.spool import draining, key, place, preparing
from apps.ledger.spool.switch import spooling
from tests.cast import INSTALLER, Cast, make_cast
from tests.ledger.sequencing import sequence_all

ACT = "breakglass.record.read"


@dataclass
class Host:
    """One tenant's view of this host's spool."""

    cast: Cast
    root: Path

    @property
    def tenant(self) -> UUID:
        return self.cast.acme.pk

    def keep(self, count: int = 1) -> list[Event]:
        """Spool some events, numbered in their data."""
        with spooling(tenant_id=self.tenant, why="25006"), scoped(tenant_id=self.tenant):
            return [
                ledger.record(
                    actor=INSTALLER,
                    action=ACT,
                    target=self.cast.acme,
                    at=database_now(),
                    data={"number": number},
                )
                for number in range(1, count + 1)
            ]

    def file(self) -> Path:
        """The one spool there is."""
        (found,) = place.files_of(self.tenant)
        return found

    def drain(self) -> draining.Drained:
        return draining.drain(tenant_id=self.tenant)

    def settle(self) -> draining.Drained:
        """Drain, give every event its place, and drain again."""
        done = self.drain()
        sequence_all()
        return done + self.drain()

    def numbers(self) -> list[int]:
        """The numbers of the spooled events that the ledger holds, in the order of recording."""
        with scoped(tenant_id=self.tenant):
            rows = Event.objects.filter(action=ACT).order_by("source_seq")
            return [selectors.data_of(row)["number"] for row in rows]

    def told(self, action: str) -> list[dict[str, Any]]:
        with scoped(tenant_id=self.tenant):
            return [selectors.data_of(row) for row in Event.objects.filter(action=action)]

    def alarms(self) -> list[tuple[int, str]]:
        gaps = self.told("ledger.source.gap")
        return sorted((gap["number"], gap["reason"]) for gap in gaps)


def make_host(root: Path) -> Host:
    """A tenant whose ledger knows this host's key. The settings name `root` already."""
    cast = make_cast()
    preparing.tell_tenant(cast.acme.pk, key.make_host_key().name)
    return Host(cast, root)


@pytest.fixture
def host(transactional_db: None, settings: Settings, tmp_path: Path) -> Host:
    settings.LEDGER_SPOOL = str(tmp_path / "spool")
    return make_host(tmp_path / "spool")
