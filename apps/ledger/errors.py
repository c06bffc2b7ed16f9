"""What can keep an event from being recorded."""

from apps.common.errors import DomainError


class Clash(RuntimeError):
    """Two acts under one event id: a programming error, or somebody took the id first."""


class NotRecorded(DomainError):
    """The ledger could not take the event, so the act may not happen either."""

    code = "not_recorded"
    status = 503
    title = "That could not be recorded"
