"""Tables of proposed changes."""

from apps.changes.models.approval import Approval
from apps.changes.models.configuration import Configuration
from apps.changes.models.proposal import Proposal

__all__ = ["Approval", "Configuration", "Proposal"]
