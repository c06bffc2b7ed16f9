"""The sandbox org over TLS, clean for every test."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from tests.crm.orgs import host_of
from tests.fakes.sandbox import RunningSandbox, start_sandbox


@pytest.fixture(scope="session")
def one_sandbox() -> Iterator[RunningSandbox]:
    sandbox = start_sandbox("--tls")
    yield sandbox
    sandbox.stop()


@pytest.fixture
def sandbox(one_sandbox: RunningSandbox, settings: Settings) -> RunningSandbox:
    one_sandbox.reset()
    one_sandbox.clear_faults()
    settings.EXTRA_CA_FILE = one_sandbox.info["ca"]
    settings.EXTRA_ORG_HOSTS = [host_of(one_sandbox)]
    return one_sandbox


@pytest.fixture(autouse=True)
def no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeats wait milliseconds, and a silent org is given up on quickly."""
    from apps.crm.client import org, transport

    monkeypatch.setattr(org, "LONGEST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(transport, "READ_SECONDS", 2.0)
