"""Why a request cannot move: each reason has its own stable code."""

from apps.common.errors import Conflict


class NotInState(Conflict):
    """The request is not in a state in which this can happen."""

    code = "emergency_not_in_state"


class RequestExpired(Conflict):
    """The time to gather signatures is over, whether or not anyone has marked it yet."""

    code = "emergency_request_expired"
    title = "This request has expired"


class AlreadySigned(Conflict):
    """This person's signature is there already, from this account or another of theirs."""

    code = "emergency_already_signed"
    title = "You have signed this already"


class ContentChanged(Conflict):
    """What is stored is not what was submitted; nothing can be signed or used any more."""

    code = "emergency_content_changed"
    title = "This request was tampered with"


class OnePendingOnly(Conflict):
    """The requester already waits for signatures on this org."""

    code = "emergency_one_pending"
    title = "You already have a request waiting"
