from collections.abc import Iterator

import pytest

from tests.fakes.sandbox import RunningSandbox, start_sandbox
from tests.sandbox.client import OrgClient, log_in, log_in_as_app


@pytest.fixture(scope="session")
def _sandbox_process() -> Iterator[RunningSandbox]:
    sandbox = start_sandbox("--llm-port", "0", "--llm-port", "0")
    yield sandbox
    sandbox.stop()


@pytest.fixture
def sandbox_org(_sandbox_process: RunningSandbox) -> RunningSandbox:
    """The acme org over plain HTTP, seeded anew for each test."""
    _sandbox_process.clear_faults()
    _sandbox_process.reset()
    return _sandbox_process


@pytest.fixture(scope="session")
def _sandbox_process_tls() -> Iterator[RunningSandbox]:
    sandbox = start_sandbox("--tls")
    yield sandbox
    sandbox.stop()


@pytest.fixture(scope="module")
def sandbox_tls(_sandbox_process_tls: RunningSandbox) -> RunningSandbox:
    """The acme org over TLS, seeded anew for each file of tests."""
    _sandbox_process_tls.clear_faults()
    _sandbox_process_tls.reset()
    return _sandbox_process_tls


@pytest.fixture
def org(sandbox_org: RunningSandbox) -> OrgClient:
    """A client logged in as the console's integration user."""
    return log_in(sandbox_org)


@pytest.fixture
def writer(sandbox_org: RunningSandbox) -> OrgClient:
    """A client whose user may write and delete accounts and contacts."""
    return log_in_as_app(sandbox_org, "Nightly Import")


@pytest.fixture(scope="module")
def over_tls(sandbox_tls: RunningSandbox) -> OrgClient:
    return log_in(sandbox_tls)


@pytest.fixture(scope="module")
def over_plain(_sandbox_process: RunningSandbox) -> OrgClient:
    _sandbox_process.clear_faults()
    _sandbox_process.reset()
    return log_in(_sandbox_process)
