"""Moving a request from one state to the next, in one place."""

from datetime import datetime
from typing import Any

from apps.breakglass.errors import ContentChanged, NotInState, RequestExpired
from apps.breakglass.models import Request
from apps.breakglass.states import TRANSITIONS, State


def move(request: Request, to: str, **changes: Any) -> None:
    """Write the new state with what belongs to it. Raises `NotInState`.

    Only the named columns are written, so that a sealed column is never sealed anew.
    """
    if to not in TRANSITIONS[request.state]:
        raise NotInState(
            f"This request is {State(request.state).label.lower()}, so it cannot become "
            f"{State(to).label.lower()}."
        )
    request.state = to
    for name, value in changes.items():
        setattr(request, name, value)
    request.save(update_fields=["state", *changes])


def require_pending(request: Request, *, now: datetime) -> None:
    """Still waiting for signatures, by the clock and not only by its state."""
    if request.state != State.PENDING:
        raise NotInState(
            f"This request is {State(request.state).label.lower()}; nothing is left to decide."
        )
    if request.expires_at is None or now >= request.expires_at:
        raise RequestExpired("The time to gather signatures is over. Ask for a new request.")


def require_untouched(request: Request) -> None:
    """The row still holds what its hash says."""
    if request.hash_now() != request.content_hash:
        raise ContentChanged("What is stored is not what was submitted. Nothing more will be done.")
