"""A timestamp service over HTTP, with certificates that last for the whole run."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest

from apps.ledger.timestamps.authority import TimestampAuthority
from apps.ledger.timestamps.serve import TimestampServer


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TimestampAuthority:
    place: Path = tmp_path_factory.mktemp("timestamps")
    return TimestampAuthority.open(place, now=datetime.now(UTC))


@pytest.fixture
def service(authority: TimestampAuthority) -> Iterator[TimestampServer]:
    with TimestampServer(0, authority.service(lambda: datetime.now(UTC))) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join(timeout=5)
