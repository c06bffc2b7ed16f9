"""What can be wrong with a policy."""

from apps.common.errors import Conflict, DomainError


class PolicyUnreadable(DomainError):
    """The stored policy does not carry the hash it was published under."""

    code = "policy_unreadable"
    status = 503
    title = "The flow policy cannot be trusted"


class PolicyMoved(Conflict):
    """The draft changed after the page with the difference was shown."""

    code = "policy_moved"
    title = "The draft has changed meanwhile"


class NeedsProposal(Conflict):
    """A policy in force is replaced by proposal only."""

    code = "needs_proposal"
    title = "Somebody else has to approve this"
