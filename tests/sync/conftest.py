"""The sandbox org with two model endpoints, clean for every test."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from tests.cast import Cast
from tests.crm.orgs import host_of
from tests.fakes.sandbox import RunningSandbox, start_sandbox
from tests.sync.staging import Stage, stage


@pytest.fixture(scope="session")
def sandbox_with_models() -> Iterator[RunningSandbox]:
    sandbox = start_sandbox("--tls", "--llm-port", "0", "--llm-port", "0")
    yield sandbox
    sandbox.stop()


@pytest.fixture
def sandbox(
    sandbox_with_models: RunningSandbox, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> RunningSandbox:
    from apps.crm.client import org, transport
    from apps.llm.client import wire

    running = sandbox_with_models
    running.reset()
    running.clear_faults()
    settings.EXTRA_CA_FILE = running.info["ca"]
    settings.EXTRA_ORG_HOSTS = [host_of(running)]
    settings.EXTRA_ENDPOINT_HOSTS = [url.split("//")[1] for url in running.info["llm_urls"]]
    monkeypatch.setattr(org, "LONGEST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(transport, "READ_SECONDS", 3.0)
    monkeypatch.setattr(wire, "READ_SECONDS", 3.0)
    return running


@pytest.fixture
def acme(cast: Cast, sandbox: RunningSandbox) -> Stage:
    """Acme, ready to run jobs."""
    return stage(cast, sandbox)
