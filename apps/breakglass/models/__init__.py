"""What break-glass keeps: policies, requests and the approvals they gathered."""

from apps.breakglass.models.approval import Approval
from apps.breakglass.models.policy import EmergencyPolicy
from apps.breakglass.models.request import Request

__all__ = ["Approval", "EmergencyPolicy", "Request"]
