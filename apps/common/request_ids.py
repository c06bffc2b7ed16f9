"""One id for a request and everything it sets off, so that its whole path can be found.

A request gets it on arrival and answers it as `X-Request-Id`; a task works under the id of the
request that enqueued it, or under one of its own. Ids from callers are not taken over.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from apps.common.ids import new_id

HEADER = "X-Request-Id"
_current: ContextVar[UUID | None] = ContextVar("request_id", default=None)


def current_request_id() -> UUID | None:
    """The id of the request or task that is worked on; None in commands and shells."""
    return _current.get()


@contextmanager
def working_on(request_id: UUID) -> Iterator[UUID]:
    """Work under this id until the block ends."""
    token = _current.set(request_id)
    try:
        yield request_id
    finally:
        _current.reset(token)


class RequestIdMiddleware:
    """Gives each request an id. Stands first, so that every answer and entry carries it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with working_on(new_id()) as request_id:
            response = self.get_response(request)
        response[HEADER] = str(request_id)
        return response
