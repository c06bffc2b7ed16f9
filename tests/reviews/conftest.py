"""A sandbox org over TLS, shared by the tests of one module and seeded anew for each."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from tests.fakes.sandbox import RunningSandbox, start_sandbox


@pytest.fixture(scope="module")
def running_sandbox() -> Iterator[RunningSandbox]:
    """One process for a module's tests."""
    sandbox = start_sandbox("--tls")
    yield sandbox
    sandbox.stop()


@pytest.fixture
def sandbox(running_sandbox: RunningSandbox, settings: Settings) -> RunningSandbox:
    """The org as seeded, with no faults, trusted by the console for this test."""
    running_sandbox.reset()
    settings.EXTRA_CA_FILE = running_sandbox.info["ca"]
    settings.EXTRA_ORG_HOSTS = [running_sandbox.url.removeprefix("https://")]
    return running_sandbox
