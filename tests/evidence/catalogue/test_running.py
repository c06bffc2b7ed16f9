"""The checks run: each says how the tenant stands, results are kept, changes are recorded."""

from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from apps.common.clock import database_now
from apps.common.errors import Conflict, Denied
from apps.evidence import keys, tasks
from apps.evidence.catalogue import registry, selectors, services
from apps.evidence.catalogue.models import CheckResult, CheckRun
from apps.evidence.catalogue.registry import Check, Outcome
from apps.ledger import selectors as ledger
from tests.architecture.world import make_world
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("own_data")
CANNOT_FAIL_HERE = {"row-security-forced", "serving-role-is-bound", "exporting-is-apart"}


@pytest.fixture
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "VAR", tmp_path)
    monkeypatch.setattr(keys, "authority_directory", lambda: tmp_path / "pki")


def _ask(cast: Cast) -> CheckRun:
    with cast.at_acme("otto") as otto:
        return services.request_run(actor=otto, now=database_now())


def _run(cast: Cast) -> None:
    tasks.run_checks(tenant_id=str(cast.acme.pk), run_id=str(_ask(cast).pk))


def _fake(result: str, sentence: str = "So it is.") -> Check:
    return Check("EVD-2", "made-up", "Is it?", "", lambda now: Outcome(result, sentence))  # type: ignore[arg-type]


def _run_fake(cast: Cast, *checks: Check) -> UUID:
    run = _ask(cast)
    services.run_checks(
        tenant_id=cast.acme.pk, run_id=run.pk, checks=list(checks), now=database_now()
    )
    return run.pk


def test_an_empty_tenant_is_unknown_and_never_good_by_default(cast: Cast) -> None:
    _run(cast)
    with cast.at_acme():
        found = {row.name: row for row in CheckResult.objects.all()}
    assert found.keys() == registry.all_checks().keys()
    judged = {name for name, row in found.items() if row.result != "unknown"}
    about_the_database = {
        "anchored-outside",
        "console-cannot-rewrite",
        "guard-installed",
        "sealed-values-open",
        "triggers-always-on",
    }
    assert judged - about_the_database == CANNOT_FAIL_HERE
    broken = [row.sentence for row in found.values() if "could not" in row.sentence]
    assert broken == []


def test_a_tenant_with_something_of_everything_is_judged(cast: Cast) -> None:
    make_world(cast.acme, cast.alice, size=2)
    _run(cast)
    with cast.at_acme():
        found = {row.name: row for row in CheckResult.objects.all()}
    assert [row.sentence for row in found.values() if "could not" in row.sentence] == []
    assert found["row-security-forced"].result == "good"
    assert found["scopes-as-approved"].result in {"danger", "unknown", "attention"}
    assert found["reviewed-monthly"].result == "attention"
    assert found["console-cannot-rewrite"].result == "good", found[
        "console-cannot-rewrite"
    ].sentence


def test_a_change_of_result_is_recorded_and_the_same_result_is_not(cast: Cast) -> None:
    for result in ("good", "good", "danger"):
        _run_fake(cast, _fake(result))
    with cast.at_acme():
        events = ledger.list_events(action="evidence.control.changed").order_by("recorded_at", "at")
        told = sorted((ledger.data_of(e)["from"], ledger.data_of(e)["to"]) for e in events)
        assert CheckResult.objects.count() == 3
        [first] = ledger.list_events(action="evidence.controls.first_judged")
    assert told == [("good", "danger")]
    assert list(ledger.data_of(first).values()) == ["good"]


def test_a_check_that_breaks_is_unknown_and_hides_what_it_read(cast: Cast) -> None:
    def burst(now: object) -> Outcome:
        raise ValueError("secret value")

    def asks_nonsense(now: object) -> Outcome:
        with connection.cursor() as cursor:
            cursor.execute("select secret from nowhere")
        raise AssertionError("unreachable")

    names = ("bursts", "asks-nonsense")
    checks = [
        Check("EVD-2", n, "?", "", f) for n, f in zip(names, (burst, asks_nonsense), strict=True)
    ]
    _run_fake(cast, *checks, _fake("good"))
    with cast.at_acme():
        found = {row.name: row for row in CheckResult.objects.all()}
    assert {found[name].result for name in names} == {"unknown"}
    assert "secret" not in found["bursts"].sentence + found["asks-nonsense"].sentence
    assert found["made-up"].result == "good"


def test_a_run_delivered_twice_is_kept_once(cast: Cast) -> None:
    run_id = _run_fake(cast, _fake("good"))
    services.run_checks(
        tenant_id=cast.acme.pk, run_id=run_id, checks=[_fake("danger")], now=database_now()
    )
    with cast.at_acme():
        assert [row.result for row in CheckResult.objects.all()] == ["good"]


def test_checks_under_way_are_not_started_again(cast: Cast) -> None:
    _ask(cast)
    with pytest.raises(Conflict):
        _ask(cast)


def test_who_may_not_see_the_catalogue_may_not_run_it(cast: Cast) -> None:
    with pytest.raises(Denied), cast.at_acme("rita") as rita:
        services.request_run(actor=rita, now=database_now())
    with cast.at_acme():
        assert not CheckRun.objects.exists()


def test_results_cannot_be_changed_or_removed(cast: Cast) -> None:
    _run_fake(cast, _fake("danger"))
    for change in (
        "update evidence_checkresult set result = 'good'",
        "delete from evidence_checkresult",
    ):
        with pytest.raises(DatabaseError), cast.at_acme(), transaction.atomic():
            connection.cursor().execute(change)


def test_another_tenant_sees_no_results(cast: Cast) -> None:
    _run_fake(cast, _fake("good"))
    with cast.at_globex():
        assert not CheckResult.objects.exists()


def test_how_it_stood_at_an_earlier_time(cast: Cast) -> None:
    with cast.at_acme():
        before = database_now()
    _run(cast)
    with cast.at_acme():
        then = selectors.results_for(["IDN-1", "INC-1"], until=before)
        now = selectors.results_for(["IDN-1", "INC-1"])
    assert then["IDN-1"].result == "unknown" and then["IDN-1"].at is None
    assert now["IDN-1"].result == "good" and now["IDN-1"].at is not None
    assert now["INC-1"].is_planned and now["INC-1"].result == "unknown"


def test_the_schedule_runs_each_tenants_checks(cast: Cast) -> None:
    tasks.check(tenant_id=str(cast.acme.pk))
    with cast.at_acme():
        [run] = CheckRun.objects.all()
        assert run.asked_by is None
