"""Work that leaves the process: enqueued on commit, by name, with ids only, for one tenant."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec
from uuid import UUID

from celery import Task, current_app, current_task, shared_task
from django.conf import settings
from django.db import transaction

from apps.common.actors import ServiceActor
from apps.common.errors import Denied
from apps.common.ids import new_id
from apps.common.refusals import record_refusal
from apps.common.request_ids import current_request_id, working_on
from apps.common.scope import current_tenant_id, scoped

P = ParamSpec("P")
REQUEST = "bailiwick_request"


def enqueue(name: str, *, countdown: float | None = None, **ids: UUID | str | int) -> None:
    """Send the named task once the open transaction commits. Accepts ids, never payloads.

    `countdown` is in seconds, however many (see `send_later`). Rolled back work is never sent.
    """
    tenant_id, request_id = current_tenant_id(), current_request_id()
    arguments = {key: str(value) for key, value in ids.items()}

    def send() -> None:
        send_later(
            name,
            {"tenant_id": str(tenant_id), **arguments},
            due_at=time.time() + (countdown or 0),
            request_id=str(request_id or ""),
        )

    transaction.on_commit(send)


def send_later(name: str, kwargs: dict[str, str], *, due_at: float, request_id: str = "") -> None:
    """Send a task that is to run at `due_at` (Unix time), in hops when that is far away.

    The message's header carries the id of the request that it belongs to, if there is one.

    A worker holds a task that waits, unacknowledged, and the broker gives it to another one after
    the visibility timeout; each such copy would run. So none waits longer than a part of that.
    """
    hop = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] / 3
    wait = max(0.0, due_at - time.time())
    if wait <= hop:
        headers = {REQUEST: request_id} if request_id else None
        current_app.send_task(name, kwargs=kwargs, countdown=wait or None, headers=headers)
    else:
        onward = {"name": name, "kwargs": kwargs, "due_at": due_at, "request_id": request_id}
        current_app.send_task("common.send_later", kwargs=onward, countdown=hop)


def tenant_task(name: str, **options: Any) -> Callable[[Callable[..., None]], Task[Any, None]]:
    """Register `function(*, tenant_id, …)` as a task that runs outside any transaction.

    The body opens `scoped(tenant_id=tenant_id)` around each step, so that no transaction is held
    while the outside world answers. A refusal ends the task quietly and is recorded.
    """

    def register(function: Callable[..., None]) -> Task[Any, None]:
        @wraps(function)
        def run(*, tenant_id: str, **ids: str) -> None:
            with working_on(_request_of_this_run()):
                try:
                    function(tenant_id=UUID(tenant_id), **ids)
                except Denied as denied:
                    with scoped(tenant_id=UUID(tenant_id)):
                        record_refusal(ServiceActor(name.split(".", maxsplit=1)[0]), denied)

        declare: Callable[..., Task[Any, None]] = shared_task(name=name, **options)
        task = declare(run)
        return task

    return register


def _request_of_this_run() -> UUID:
    """The request that enqueued this run; a run that nobody asked for is one of its own."""
    headers = (current_task.request.headers if current_task else None) or {}
    if headers.get(REQUEST):
        return UUID(headers[REQUEST])
    return current_request_id() or new_id()
