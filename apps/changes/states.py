"""The life of a proposal: its states, and the only ways between them.

    proposed → approved → applying → applied → verified → rolled_back (by a person)
                                          ↘ rolled_back (by itself)
    proposed → withdrawn;   proposed, approved, applying → refused
    approved → proposed (its content changed, so the approval is void)

The database enforces the same table (migration 0002).
"""

from django.db import models


class State(models.TextChoices):
    """Where a proposal stands, in the words that people read."""

    PROPOSED = "proposed", "Waiting for approval"
    APPROVED = "approved", "Approved, about to be applied"
    APPLYING = "applying", "Being applied"
    APPLIED = "applied", "Applied, being checked"
    VERIFIED = "verified", "Applied and checked"
    ROLLED_BACK = "rolled_back", "Rolled back"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"


TRANSITIONS: dict[str, frozenset[str]] = {
    State.PROPOSED: frozenset({State.APPROVED, State.REFUSED, State.WITHDRAWN}),
    State.APPROVED: frozenset({State.APPLYING, State.PROPOSED, State.REFUSED}),
    State.APPLYING: frozenset({State.APPLIED, State.REFUSED}),
    State.APPLIED: frozenset({State.VERIFIED, State.ROLLED_BACK}),
    State.VERIFIED: frozenset({State.ROLLED_BACK}),
    State.ROLLED_BACK: frozenset(),
    State.REFUSED: frozenset(),
    State.WITHDRAWN: frozenset(),
}
UNDER_WAY = (State.APPROVED, State.APPLYING, State.APPLIED)
OPEN = (State.PROPOSED, *UNDER_WAY)
