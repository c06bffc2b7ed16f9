"""The life of a request: its states, and the only ways between them.

    draft → pending → active → ending → rotating → closed
                                          ⇅
                                   rotation_failed
    draft, pending → withdrawn          pending → denied, expired

The database enforces the same table (migration 0003), so that no code path can walk around it.
"""

from django.db import models


class State(models.TextChoices):
    """Where a request stands, in the words that people read."""

    DRAFT = "draft", "Draft"
    PENDING = "pending", "Waiting for signatures"
    ACTIVE = "active", "Active"
    ENDING = "ending", "Ending"
    ROTATING = "rotating", "Proving that access is dead"
    ROTATION_FAILED = "rotation_failed", "Not yet proven dead"
    CLOSED = "closed", "Closed"
    DENIED = "denied", "Denied"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Expired"


TRANSITIONS: dict[str, frozenset[str]] = {
    State.DRAFT: frozenset({State.PENDING, State.WITHDRAWN}),
    State.PENDING: frozenset({State.ACTIVE, State.DENIED, State.WITHDRAWN, State.EXPIRED}),
    State.ACTIVE: frozenset({State.ENDING}),
    State.ENDING: frozenset({State.ROTATING}),
    State.ROTATING: frozenset({State.CLOSED, State.ROTATION_FAILED}),
    State.ROTATION_FAILED: frozenset({State.ROTATING}),
    State.CLOSED: frozenset(),
    State.DENIED: frozenset(),
    State.WITHDRAWN: frozenset(),
    State.EXPIRED: frozenset(),
}

TERMINAL = frozenset(state for state, following in TRANSITIONS.items() if not following)
ENDED_BUT_OPEN = (State.ENDING, State.ROTATING, State.ROTATION_FAILED)


class EndReason(models.TextChoices):
    """Why an elevation ended."""

    DEADLINE = "deadline", "Its time was over"
    DONE = "done", "The requester was done"
    STOPPED = "stopped", "Someone stopped it early"
