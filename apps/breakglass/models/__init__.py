"""What break-glass keeps: policies, requests, their approvals, and what the org is told."""

from apps.breakglass.models.approval import Approval
from apps.breakglass.models.note import CaseNote
from apps.breakglass.models.policy import EmergencyPolicy
from apps.breakglass.models.request import Request

__all__ = ["Approval", "CaseNote", "EmergencyPolicy", "Request"]
