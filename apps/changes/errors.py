"""Refusals of proposed changes."""

from apps.common.errors import Conflict


class StaleBase(Conflict):
    """The thing changed after the proposal was written."""

    code = "stale_base"


class NotInState(Conflict):
    """The proposal is past the state in which this can happen."""

    code = "not_in_state"


class ContentChanged(Conflict):
    """What is stored, or what it would do, is not what was looked at."""

    code = "content_changed"
