"""What can go wrong, said so that a person can act on it. Edges translate these; nobody else."""

from typing import Any, ClassVar


class DomainError(Exception):
    """A refusal or failure with a stable code and a message fit for the person who caused it.

    `code` is the API's contract and never changes; `field` names the input to mend; `data` carries
    values that the page may show. Messages never contain secrets or personal data.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "That could not be done"

    def __init__(self, message: str, *, field: str | None = None, **data: Any) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.data = data


class Invalid(DomainError):
    """Input that does not fit, with the field and the fix."""

    code = "invalid"
    status = 400
    title = "Please check what you entered"


class Denied(DomainError):
    """A policy said no. `rule` is the rule that decided; the ledger remembers the refusal."""

    code = "denied"
    status = 403
    title = "Not allowed"

    def __init__(self, message: str, *, rule: str, **data: Any) -> None:
        super().__init__(message, **data)
        self.rule = rule


class NotFound(DomainError):
    """No such thing here. Other tenants' things are answered the same way."""

    code = "not_found"
    status = 404
    title = "Not found"


class Conflict(DomainError):
    """The thing is no longer in a state in which this can happen."""

    code = "conflict"
    status = 409
    title = "That has changed meanwhile"


class Outside(DomainError):
    """A failure beyond our walls. `retryable` says whether trying again later can help."""

    code = "outside"
    status = 502
    title = "Another system did not do its part"
    retryable: bool = False


class NoScope(RuntimeError):
    """Tenant data was read outside a tenant scope: a programming error, never user input."""
