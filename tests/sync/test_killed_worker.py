"""A real worker, killed without warning in the middle of a run, and the one that takes over."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from apps.ledger import selectors as ledger
from apps.sync.models import Run
from console.dev import urls
from tests.cast import make_cast
from tests.fakes.sandbox import RunningSandbox
from tests.sync.broker import broker_content
from tests.sync.staging import TARGET, Stage, stage

ROOT = Path(__file__).resolve().parents[2]
CANARY = "Canary.Person@leak-test.example"
KILLED_AT = 4


@contextmanager
def a_worker(sandbox: RunningSandbox) -> Iterator[subprocess.Popen[bytes]]:
    """`celery worker` on the test database, in a process group of its own."""
    database = urls.with_database(os.environ["DATABASE_URL"], connection.settings_dict["NAME"])
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "BAILIWICK_EXTRA_CA": sandbox.info["ca"],
        "BAILIWICK_EXTRA_ORG_HOSTS": ",".join(settings.EXTRA_ORG_HOSTS),
        "BAILIWICK_EXTRA_ENDPOINT_HOSTS": ",".join(settings.EXTRA_ENDPOINT_HOSTS),
        "CELERY_VISIBILITY_TIMEOUT": "3",
    }
    command = [sys.executable, "-m", "celery", "-A", "console", "worker", "-P", "solo"]
    process = subprocess.Popen(
        [*command, "--without-gossip", "--without-mingle"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def wait_until(condition: Callable[[], bool], *, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.1)


def times_asked(acme: Stage) -> int:
    """Completions only: the worker may also be checking the endpoint's health just now."""
    requests = acme.sandbox.llm_requests()["requests"]
    return sum(request["path"] == "/v1/chat/completions" for request in requests)


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_loses_and_repeats_nothing(sandbox: RunningSandbox) -> None:
    acme = stage(make_cast(), sandbox)
    canary = acme.add_case(Subject="Leak", Description=f"Write to {CANARY}", SuppliedEmail=CANARY)
    before = times_asked(acme)
    sandbox.fault(
        "hang",
        when="nth",
        n=KILLED_AT,
        path="/v1/chat/completions",
        seconds=60,
        base=sandbox.info["llm_urls"][0],
    )
    run = acme.start(acme.job())
    with a_worker(sandbox) as first:
        wait_until(lambda: acme.reread(run).written == KILLED_AT - 1)
        os.killpg(first.pid, signal.SIGKILL)
        first.wait(10)
        assert acme.reread(run).state == "running"
        waiting = broker_content()
        assert str(run.pk) in waiting, "the dead worker's task waits in the broker, with its id"
        assert "leak-test" not in waiting and "Summary" not in waiting
        with a_worker(sandbox):
            wait_until(lambda: not acme.reread(run).is_live, seconds=90)
    assert_nothing_lost_or_repeated(acme, acme.reread(run), times_asked(acme) - before)
    assert CANARY.lower() in acme.cases()[canary][TARGET].lower()
    assert "leak-test" not in broker_content()


def assert_nothing_lost_or_repeated(acme: Stage, run: Run, asked: int) -> None:
    cases, items = acme.cases(), acme.items(run)
    assert (run.state, run.error) == ("done", "")
    assert set(items) == set(cases) and run.written == len(items)
    assert asked in {len(items), len(items) + 1}, "only the unsettled record is asked again"
    assert all(case[TARGET].startswith("Summary:") for case in cases.values())
    with acme.cast.at_acme():
        told = ledger.list_events(action="sync.record.summarised", target_id=str(run.pk))
        assert sorted(ledger.data_of(event)["record"] for event in told) == sorted(items)
