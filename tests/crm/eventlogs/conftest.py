"""A connected org whose logs reach back a little."""

from collections.abc import Callable

import pytest

from apps.crm.eventlogs import listing, taking
from apps.crm.models import Connection, LogWatch
from tests.cast import Cast
from tests.crm import orgs
from tests.fakes.sandbox import RunningSandbox

TYPES = ("ApiTotalUsage", "RestApi")


@pytest.fixture
def connection(cast: Cast, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> Connection:
    """Two days and two types are enough: the rest is more of the same."""
    monkeypatch.setattr(listing, "FIRST_DAYS", 1)
    monkeypatch.setattr(listing, "TAKEN_TYPES", TYPES)
    return orgs.check(cast, orgs.connect(cast, sandbox))


@pytest.fixture
def take(cast: Cast, connection: Connection) -> Callable[[], LogWatch]:
    """Takes the files as the worker does, and gives how it went."""

    def taken() -> LogWatch:
        taking.take_logs(tenant_id=cast.acme.pk, connection_id=connection.pk)
        with cast.at_acme():
            watch: LogWatch = LogWatch.objects.get(connection=connection)
        return watch

    return taken
