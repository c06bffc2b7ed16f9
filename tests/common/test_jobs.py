"""Work that leaves the process: after commit, ids only, never held past the broker's wait."""

import time
from typing import Any

import pytest
from celery import current_app
from pytest_django.fixtures import Settings

from apps.common import jobs
from apps.common.scope import scoped
from apps.common.tasks import send_later
from tests.cast import Cast


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What would have gone to the broker."""
    found: list[dict[str, Any]] = []

    def remember(
        name: str, kwargs: dict[str, Any], countdown: float | None = None, headers: Any = None
    ) -> None:
        found.append({"name": name, "kwargs": kwargs, "countdown": countdown})

    monkeypatch.setattr(current_app, "send_task", remember)
    return found


def test_nothing_is_sent_before_the_commit(
    cast: Cast, sent: list[dict[str, Any]], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=False), scoped(tenant_id=cast.acme.pk):
        jobs.enqueue("sync.run_job", run_id="1")
        assert sent == []


def test_a_task_carries_its_tenant_and_ids(
    cast: Cast, sent: list[dict[str, Any]], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True), scoped(tenant_id=cast.acme.pk):
        jobs.enqueue("sync.run_job", run_id="1")
    assert sent == [
        {
            "name": "sync.run_job",
            "kwargs": {"tenant_id": str(cast.acme.pk), "run_id": "1"},
            "countdown": None,
        }
    ]


def test_a_long_wait_goes_in_hops_shorter_than_the_brokers_patience(
    settings: Settings, sent: list[dict[str, Any]]
) -> None:
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 15}
    due_at = time.time() + 12
    jobs.send_later("reviews.verify", {"item_id": "1"}, due_at=due_at)
    assert sent[-1]["name"] == "common.send_later"
    assert sent[-1]["countdown"] == 5
    send_later(**{**sent[-1]["kwargs"], "due_at": time.time() - 1})
    assert sent[-1]["name"] == "reviews.verify"
    assert sent[-1]["kwargs"] == {"item_id": "1"}
