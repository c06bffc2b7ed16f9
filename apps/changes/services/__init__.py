"""The verbs of proposed changes. Every edge goes through these."""

from apps.changes.services.applying import carry_on
from apps.changes.services.deciding import APPROVE_DECISION, approve, refuse
from apps.changes.services.going_back import GO_BACK_DECISION, go_back
from apps.changes.services.proposing import look_ahead, propose, revise, withdraw

__all__ = [
    "APPROVE_DECISION",
    "GO_BACK_DECISION",
    "approve",
    "carry_on",
    "go_back",
    "look_ahead",
    "propose",
    "refuse",
    "revise",
    "withdraw",
]
