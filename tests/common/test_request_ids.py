"""One id runs through a request, what it records and the tasks it sets off."""

import json
import time
import uuid
from typing import Any

import pytest
from celery import current_app

from apps.common import jobs
from apps.common.request_ids import current_request_id, working_on
from apps.common.scope import scoped
from apps.common.tasks import send_later
from apps.ledger.models import Event
from tests.cast import Cast

seen: list[uuid.UUID | None] = []


@jobs.tenant_task("common.note_request_id")
def note_request_id(*, tenant_id: uuid.UUID) -> None:
    """Only of this test."""
    seen.append(current_request_id())


def test_an_answer_and_its_ledger_entry_carry_the_same_id(cast: Cast) -> None:
    answer = cast.client("bob").get("/ledger/", headers={"X-Request-Id": str(uuid.uuid4())})
    with cast.at_acme():
        event = Event.objects.get(action="ledger.request.refused")
    assert answer["X-Request-Id"] == str(event.request_id)
    assert json.loads(bytes(event.body))["request"] == str(event.request_id)
    assert current_request_id() is None


@pytest.mark.parametrize("path", ["/", "/nowhere/", "/api/v1/ledger/events/", "/static/x.css"])
def test_every_answer_has_an_id_of_its_own(cast: Cast, path: str) -> None:
    client = cast.client("otto")
    first, second = client.get(path)["X-Request-Id"], client.get(path)["X-Request-Id"]
    assert uuid.UUID(first) != uuid.UUID(second)


def test_a_task_works_under_the_id_of_the_request_that_enqueued_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **more: sent.append(more))
    with working_on(uuid.uuid4()) as request_id:
        with django_capture_on_commit_callbacks(execute=True), scoped(tenant_id=cast.acme.pk):
            jobs.enqueue("crm.check_connection")
            jobs.enqueue("crm.check_connection", countdown=86_400)
    at_once, much_later = sent
    note_request_id.apply(kwargs=at_once["kwargs"], headers=at_once["headers"])
    send_later(**{**much_later["kwargs"], "due_at": time.time() - 1})  # the last hop
    note_request_id.apply(kwargs=sent[-1]["kwargs"], headers=sent[-1]["headers"])
    assert seen[-2:] == [request_id, request_id]


def test_a_run_that_nobody_asked_for_has_an_id_of_its_own(cast: Cast) -> None:
    for _ in range(2):
        note_request_id.apply(kwargs={"tenant_id": str(cast.acme.pk)})
    assert None not in seen[-2:] and seen[-1] != seen[-2]
