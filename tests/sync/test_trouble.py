"""Trouble on either side: what is tried again, what is parked, what ends the run."""

from typing import Any

import pytest
from django.db import connection

from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.crm.client.org import Org
from apps.crm.errors import CrmError
from apps.crm.models import Connection
from apps.ledger import selectors as ledger
from apps.llm.client.chat import ChatModel
from apps.sync import running, selectors, settling, starting, tasks
from apps.sync.models import Run
from tests.sync.broker import broker_content
from tests.sync.staging import TARGET, Stage

pytestmark = pytest.mark.django_db
STEPS: dict[str, tuple[Any, str]] = {
    "mask": (running, "mask"),
    "complete": (ChatModel, "complete"),
    "update": (Org, "update"),
    "settle": (settling, "settle"),
}


def make_due(acme: Stage, run: Run) -> None:
    """Time passes."""
    with scoped(tenant_id=acme.cast.acme.pk):
        Run.objects.filter(pk=run.pk).update(resume_at=None)


def test_a_record_that_the_org_refuses_is_parked_with_the_reason(acme: Stage) -> None:
    acme.sandbox.fault("validation", path="/sobjects/Case/")
    run = acme.work_off(acme.start(acme.job()))
    parked = [item for item in acme.items(run).values() if item.state == "parked"]
    assert (run.state, run.parked, len(parked)) == ("parked", 1, 1)
    assert run.written == run.total - 1  # type: ignore[operator]
    assert parked[0].error_code == "crm_validation_refused" and parked[0].error
    with acme.cast.at_acme():
        entry = ledger.list_events(action="sync.record.parked").get()
        assert ledger.data_of(entry)["record"] == parked[0].record_id


def test_an_endpoint_that_is_down_puts_the_run_off_and_nothing_is_lost(acme: Stage) -> None:
    llm_url = acme.sandbox.info["llm_urls"][0]
    acme.sandbox.fault("server_unavailable", when="nth", n=3, base=llm_url)
    run = acme.start(acme.job())
    acme.work(run)
    run = acme.reread(run)
    assert (run.state, run.written, run.attempts) == ("queued", 2, 1)
    assert run.error_code == "endpoint_unavailable" and run.resume_at is not None
    acme.work(run)
    assert acme.reread(run).written == 2, "it is not taken up before it is due"
    make_due(acme, run)
    run = acme.work_off(run)
    assert (run.state, run.written, run.error) == ("done", run.total, "")


def test_after_the_last_attempt_the_run_fails_and_says_why(acme: Stage) -> None:
    llm_url = acme.sandbox.info["llm_urls"][0]
    acme.sandbox.fault("server_unavailable", when="always", base=llm_url)
    run = acme.start(acme.job())
    for _ in range(starting.MOST_ATTEMPTS):
        make_due(acme, run)
        acme.work(run)
    run = acme.reread(run)
    assert (run.state, run.attempts) == ("failed", starting.MOST_ATTEMPTS)
    assert "HTTP 503" in run.error
    assert all(case[TARGET] is None for case in acme.cases().values())


def test_a_refused_key_ends_the_run_at_once(acme: Stage) -> None:
    with acme.cast.at_acme():
        acme.near.api_key = "wrong"
        acme.near.save()
    run = acme.start(acme.job())
    acme.work(run)
    run = acme.reread(run)
    assert (run.state, run.error_code) == ("failed", "endpoint_key_refused")


def test_a_field_that_the_org_does_not_know_ends_the_run(acme: Stage) -> None:
    run = acme.start(acme.job(source_fields=["Subject", "No_Such__c"]))
    acme.work(run)
    run = acme.reread(run)
    assert (run.state, run.error_code) == ("failed", "crm_query_refused")
    assert acme.items(run) == {}


def test_an_org_that_is_down_is_tried_again(acme: Stage) -> None:
    acme.sandbox.fault("server_unavailable", when="always", path="/query")
    run = acme.start(acme.job())
    acme.work(run)
    run = acme.reread(run)
    assert (run.state, run.error_code) == ("queued", "crm_org_unavailable")
    acme.sandbox.clear_faults()
    make_due(acme, run)
    assert acme.work_off(run).state == "done"


@pytest.mark.parametrize("step", ["mask", "complete", "update", "settle"])
def test_a_worker_that_dies_at_any_step_loses_and_repeats_nothing(
    acme: Stage, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    run = acme.start(acme.job())
    with monkeypatch.context() as patch:
        die_in(patch, step, at_record=3)
        with pytest.raises(KeyboardInterrupt):
            acme.work(run)
    halfway = acme.reread(run)
    assert (halfway.state, halfway.written) == ("running", 2)
    before = acme.sandbox.llm_requests()["count"]
    run = acme.work_off(run)
    items = acme.items(run)
    assert (run.state, run.written, len(items)) == ("done", run.total, run.total)
    asked = acme.sandbox.llm_requests()["count"] - before
    assert asked == len(items) - 2, "settled records are not asked again"
    with acme.cast.at_acme():
        told = ledger.list_events(action="sync.record.summarised", target_id=str(run.pk))
        records = [ledger.data_of(event)["record"] for event in told]
    assert sorted(records) == sorted(items)


def die_in(patch: pytest.MonkeyPatch, step: str, *, at_record: int) -> None:
    """The process is told to end inside a step: what was not committed is gone."""
    owner, name = STEPS[step]
    real, calls = getattr(owner, name), list[str]()

    def dying(*args: object, **kwargs: object) -> object:
        calls.append(step)
        if len(calls) == at_record and step != "update":
            raise KeyboardInterrupt
        result = real(*args, **kwargs)
        if len(calls) == at_record:
            raise KeyboardInterrupt
        return result

    patch.setattr(owner, name, dying)


def test_a_record_that_kills_every_worker_ends_the_run(
    acme: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = acme.start(acme.job())
    for _ in range(starting.MOST_ATTEMPTS):
        with monkeypatch.context() as patch:
            die_in(patch, "complete", at_record=1)
            with pytest.raises(KeyboardInterrupt):
                acme.work(run)
    acme.work(run)
    run = acme.reread(run)
    assert (run.state, run.error_code) == ("failed", "worker_died")


def test_an_older_attempt_that_wakes_up_late_writes_nothing(
    acme: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = acme.start(acme.job())
    plan = starting.begin(tenant_id=acme.cast.acme.pk, run_id=run.pk)
    assert plan is not None
    acme.work_off(run)
    done = acme.reread(run)
    with pytest.raises(settling.LeaseLost):
        settling.settle(
            plan, settling.Outcome(record_id="500000000000001", fingerprint="", masked=0)
        )
    settling.put_off(plan, CrmError("late"))
    assert acme.reread(run).state == done.state == "done"


def test_a_run_that_shows_no_sign_of_life_is_found(acme: Stage) -> None:
    run = acme.start(acme.job())
    with acme.cast.at_acme():
        now = database_now()
        assert selectors.list_stalled(now=now) == []
        later = now + selectors.STALLED_AFTER * 2
        assert selectors.list_stalled(now=later) == [run.pk]
    acme.work_off(run)
    with acme.cast.at_acme():
        assert selectors.list_stalled(now=later) == []


def test_a_disconnected_org_ends_the_run(acme: Stage) -> None:
    run = acme.start(acme.job())
    with scoped(tenant_id=acme.cast.acme.pk):
        Connection.objects.filter(pk=acme.connection.pk).update(state="disconnected")
    acme.work(run)
    run = acme.reread(run)
    assert run.state == "failed" and "disconnected" in run.error


def test_the_sweep_queues_a_stalled_run_again(
    acme: Stage, django_capture_on_commit_callbacks: Any
) -> None:
    run = acme.start(acme.job())
    with scoped(tenant_id=acme.cast.acme.pk):
        long_ago = database_now() - selectors.STALLED_AFTER * 2
        Run.objects.filter(pk=run.pk).update(heartbeat_at=long_ago)
    with django_capture_on_commit_callbacks(execute=True) as sent:
        tasks.resume_stalled(tenant_id=str(acme.cast.acme.pk))
    assert len(sent) == 1 and str(run.pk) in broker_content()


def test_the_next_batch_is_queued_after_the_lock_is_given_back(
    acme: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []

    def noticing(name: str, **ids: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "select count(*) from pg_locks where locktype = 'advisory'"
                " and pid = pg_backend_pid() and granted"
            )
            held.extend(cursor.fetchone())

    monkeypatch.setattr(running, "BATCH", 5)
    monkeypatch.setattr(settling, "enqueue", noticing)
    run = acme.work_off(acme.start(acme.job()))
    assert run.state == "done" and held == [0, 0, 0]
