"""A real server of its own for tests about servers."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from console.dev import postgres


@pytest.fixture
def state() -> Iterator[Path]:
    """A directory that the servers' account may pass through."""
    directory = Path(mkdtemp(prefix="bailiwick-test-"))
    directory.chmod(0o711)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def server(state: Path) -> Iterator[postgres.Postgres]:
    """A running PostgreSQL with nothing prepared in it."""
    server = postgres.start(state, durable=False)
    yield server
    server.stop(mode="immediate")
