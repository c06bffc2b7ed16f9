"""A connected org with a snapshot."""

import pytest

from apps.crm.models import Connection
from tests.cast import Cast
from tests.crm import orgs
from tests.crm.conftest import no_long_pauses, one_sandbox, sandbox
from tests.fakes.sandbox import RunningSandbox

__all__ = ["no_long_pauses", "one_sandbox", "sandbox"]


@pytest.fixture
def connection(cast: Cast, sandbox: RunningSandbox) -> Connection:
    return orgs.check(cast, orgs.connect(cast, sandbox))
