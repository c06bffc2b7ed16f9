"""The verbs of break-glass. Every edge goes through these, and through nothing else."""

from apps.breakglass.services.asking import draft_request, submit_request, withdraw
from apps.breakglass.services.deciding import approve, deny, expire_due
from apps.breakglass.services.elevation import read_record, reveal
from apps.breakglass.services.ending import end_due, end_early, end_stopped
from apps.breakglass.services.noting import write_note
from apps.breakglass.services.policy import policy_in_force, set_policy
from apps.breakglass.services.proving import begin_rotation, prove_dead, rotate
from apps.breakglass.services.stopping import end_or_stop, is_stopped

__all__ = [
    "approve",
    "begin_rotation",
    "deny",
    "draft_request",
    "end_due",
    "end_early",
    "end_or_stop",
    "end_stopped",
    "expire_due",
    "is_stopped",
    "policy_in_force",
    "prove_dead",
    "read_record",
    "reveal",
    "rotate",
    "set_policy",
    "submit_request",
    "withdraw",
    "write_note",
]
