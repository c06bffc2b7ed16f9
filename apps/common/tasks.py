"""The hops of tasks that are due long after they were enqueued."""

from celery import shared_task

from apps.common import jobs


@shared_task(name="common.send_later")
def send_later(*, name: str, kwargs: dict[str, str], due_at: float, request_id: str = "") -> None:
    """Send the named task now if it is due, else hop again."""
    jobs.send_later(name, kwargs, due_at=due_at, request_id=request_id)
