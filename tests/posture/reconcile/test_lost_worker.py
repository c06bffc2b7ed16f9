"""A worker that is killed in the middle of its calls leaves none of them unexplained."""

import pytest

from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.crm import services
from apps.crm.eventlogs import listing, taking
from apps.crm.eventlogs.own import CALLED, announced_without_end
from apps.crm.models import LogRow
from apps.crm.services import snapshots
from apps.ledger import selectors as ledger
from apps.posture.models import LogComparison
from apps.posture.reconcile.looking import compare_due
from tests.cast import make_cast
from tests.crm import orgs
from tests.fakes.killing import die, require_killed
from tests.fakes.sandbox import RunningSandbox

pytestmark = pytest.mark.django_db(transaction=True)


def test_calls_of_a_snapshot_whose_worker_got_sigkill_are_in_the_ledger(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "FIRST_DAYS", 1)
    monkeypatch.setattr(listing, "TAKEN_TYPES", ("ApiTotalUsage",))
    cast = make_cast()
    tenant_id = cast.acme.pk
    org = orgs.check(cast, orgs.connect(cast, sandbox))
    with cast.at_acme("bob") as bob:
        asked = services.take_snapshot(actor=bob, connection_id=org.pk, now=database_now())
    since = database_now()
    before = sandbox.state()["api_calls"]

    def read_and_die() -> None:
        told = snapshots._keep_progress
        seen: list[object] = []

        def then_die(*args: object, **kwargs: object) -> None:
            told(*args, **kwargs)  # type: ignore[arg-type]
            seen.append(args)
            if len(seen) == 6:
                die()

        snapshots._keep_progress = then_die
        snapshots.read_snapshot(tenant_id=tenant_id, snapshot_id=asked.pk)

    require_killed(read_and_die, moment="mid-snapshot")
    sent = sandbox.state()["api_calls"] - before
    assert sent > 5
    sandbox.admin("POST", "event_logs", json={"hours": 0})
    taking.take_logs(tenant_id=tenant_id, connection_id=org.pk)
    with scoped(tenant_id=tenant_id):
        announced = announced_without_end(org, since=since, until=database_now())
        ended = {each for event in ledger.list_events(action=CALLED, since=since)
                 for each in ledger.data_of(event)["requests"]}  # fmt: skip
        seen = set(LogRow.objects.filter(at__gte=since).values_list("request_id", flat=True))
        assert len(seen & announced) == sent  # each call that the org saw was announced
        assert not announced & ended  # and nothing else would explain it
        assert compare_due(now=database_now()) == 1
        found = LogComparison.objects.get()
    assert found.unrecorded_count == 0 and found.matched > sent
    assert f"{sent} calls were announced" in found.words
