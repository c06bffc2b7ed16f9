"""The budget of API requests: one for all workers, with a reserve for emergencies."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.db import connection as database
from pytest_django.fixtures import Settings

from apps.common.clock import database_now
from apps.crm import broker, errors
from apps.crm.budget import gate as gates
from apps.crm.budget import share
from apps.crm.budget.gate import Allowance, Gate, standing
from apps.crm.client import limits
from apps.crm.session import Org, open_org
from tests.cast import Cast
from tests.crm import orgs
from tests.fakes.sandbox import RunningSandbox

pytestmark = pytest.mark.django_db
WORKERS, ALLOWED, RESERVE = 8, 120, 12
NOBODY = "redis://127.0.0.1:9/0"
COUNT = "SELECT COUNT() FROM Case"


def an_allowance(**other: object) -> Allowance:
    plan = Allowance(
        connection_id=uuid4(),
        host="acme.my.salesforce.com",
        reserve_percent=10,
        calls_at_once=10,
        used=0,
        allowed=1000,
        seen_at=database_now(),
    )
    return replace(plan, **other)  # type: ignore[arg-type]


def test_many_workers_stop_before_the_reserve_and_an_emergency_goes_on(
    cast: Cast, sandbox: RunningSandbox
) -> None:
    connection = orgs.connect(cast, sandbox)
    sandbox.admin("POST", "limits", json={"daily_api_requests": ALLOWED, "used": 0})
    held = broker.access_token(tenant_id=cast.acme.pk, connection_id=connection.pk)

    def spend(_: int) -> set[str]:
        org = Org(
            host=held.host,
            token=held.access_token,
            renew=lambda stale: stale,
            gate=Gate(held.allowance),
        )
        try:
            return _until_refused(org)
        finally:
            org.close()
            database.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        ended = set().union(*pool.map(spend, range(WORKERS)))
    assert ended == {"crm_budget_spent"}  # never the org's REQUEST_LIMIT_EXCEEDED
    spent = sandbox.state()["api_calls"]
    assert ALLOWED - RESERVE - WORKERS <= spent <= ALLOWED - RESERVE
    ids: dict[str, Any] = {"tenant_id": cast.acme.pk, "connection_id": connection.pk}
    with open_org(**ids, purpose="emergency") as org:
        assert org.count(COUNT) >= 0
    with pytest.raises(errors.BudgetSpent) as refused, open_org(**ids) as org:
        for _ in range(WORKERS + 1):  # workers that were refused at once may have left a few
            org.count(COUNT)
    assert refused.value.data["retry_at"] > database_now()
    assert sandbox.state()["api_calls"] <= ALLOWED - RESERVE + 1


def _until_refused(org: Org) -> set[str]:
    for _ in range(ALLOWED):
        try:
            org.count(COUNT)
        except errors.LimitReached as refused:
            return {refused.code}
    return {"never"}


def test_only_so_many_calls_run_at_once_and_an_emergency_finds_a_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gates, "WAIT_SECONDS", 0.2)
    plan = an_allowance(calls_at_once=3)
    with ExitStack() as running:
        for _ in range(3):
            running.enter_context(Gate(plan).passing())
        with pytest.raises(errors.ConcurrencyReached), Gate(plan).passing():
            pass
        with Gate(plan, purpose="emergency").passing():
            now = standing(plan.connection_id)
            assert now is not None and now.running == 4
    with Gate(plan).passing():
        pass


def test_the_place_of_a_killed_worker_comes_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "LEASE_SECONDS", 0.2)
    plan = an_allowance(calls_at_once=1)
    killed = Gate(plan).passing()
    killed.__enter__()  # and never left: the name keeps it from being closed
    with Gate(plan).passing():
        pass


def test_a_spent_budget_is_looked_at_again_by_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = an_allowance(used=990)
    with pytest.raises(errors.BudgetSpent), Gate(plan).passing():
        pass
    monkeypatch.setattr(gates, "LOOK_AGAIN", timedelta(0))
    with Gate(plan).passing() as slip:
        slip.usage = (10, 1000)  # the day's window has moved on
    now = standing(plan.connection_id)
    assert now is not None and now.used == 10


def test_what_the_org_tells_of_its_limits_can_only_raise_the_count() -> None:
    plan = an_allowance(used=None, allowed=None, seen_at=None)
    for told, counted in ((400, 400), (300, 400), (500, 500)):
        gates.tell(plan.connection_id, used=told, allowed=1000)
        now = standing(plan.connection_id)
        assert now is not None and (now.used, now.allowed) == (counted, 1000)


def test_a_check_asks_for_the_limits_and_goes_on_where_they_are_not_told(
    cast: Cast, sandbox: RunningSandbox
) -> None:
    connection = orgs.connect(cast, sandbox)
    sandbox.admin("POST", "limits", json={"daily_api_requests": 5000, "used": 700})
    with open_org(tenant_id=cast.acme.pk, connection_id=connection.pk) as org:
        assert limits.daily_requests(org) == (701, 5000)
    sandbox.fault("insufficient_access", when="always", path="/limits")
    checked = orgs.check(cast, connection)
    assert (checked.state, checked.api_allowed) == ("healthy", 5000)
    now = standing(connection.pk)
    assert now is not None and (now.used, now.allowed) == (checked.api_used, 5000)


def test_without_valkey_each_process_keeps_to_a_small_share(settings: Settings) -> None:
    settings.CACHE_URL = NOBODY
    plan = an_allowance(allowed=1000, used=400)  # 500 left above the reserve: five for this process
    for _ in range(5):
        with Gate(plan).passing():
            pass
    with pytest.raises(errors.BudgetSpent), Gate(plan).passing():
        pass
    assert standing(plan.connection_id) is None


def test_without_valkey_nothing_known_means_ten_calls(settings: Settings) -> None:
    settings.CACHE_URL = NOBODY
    plan = an_allowance(allowed=None, used=None, seen_at=None)
    for _ in range(share.UNKNOWN):
        with Gate(plan).passing():
            pass
    with pytest.raises(errors.BudgetSpent), Gate(plan).passing():
        pass


def test_only_emergency_access_spends_the_reserve() -> None:
    """Nobody but break-glass may open an org for emergencies."""
    apps = Path(django_settings.BASE_DIR) / "apps"
    users = {
        path.relative_to(apps).parts[0]
        for path in apps.rglob("*.py")
        if 'purpose="emergency"' in path.read_text() and path.relative_to(apps).parts[0] != "crm"
    }
    assert users == {"breakglass"}
