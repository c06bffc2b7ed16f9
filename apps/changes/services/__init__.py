"""The verbs of proposed changes. Every edge goes through these."""

from apps.changes.services.applying import carry_on
from apps.changes.services.deciding import APPROVE_DECISION, approve, refuse
from apps.changes.services.forgetting import forget_what_is_over
from apps.changes.services.going_back import GO_BACK_DECISION, go_back
from apps.changes.services.outside import progress_of
from apps.changes.services.proposing import (
    look_ahead,
    preflight_now,
    propose,
    revise,
    withdraw,
)

__all__ = [
    "APPROVE_DECISION",
    "GO_BACK_DECISION",
    "approve",
    "carry_on",
    "forget_what_is_over",
    "go_back",
    "look_ahead",
    "preflight_now",
    "progress_of",
    "propose",
    "refuse",
    "revise",
    "withdraw",
]
