"""Refusals of reviews that callers tell apart."""

from apps.common.errors import Conflict, Invalid, Outside


class SnapshotUnfit(Invalid):
    """The snapshot is incomplete, too old or no longer the org's: judging it would mislead."""

    code = "snapshot_unfit"
    status = 409
    title = "This snapshot cannot be reviewed"


class NoReviewer(Invalid):
    """Somebody's grants would be left with no independent reviewer."""

    code = "no_reviewer"
    status = 409
    title = "Nobody can review this"


class ReviewOver(Conflict):
    """The review is past its deadline or no longer taking decisions."""

    code = "review_over"


class Undecided(Conflict):
    """Items without a decision; `data["count"]` says how many."""

    code = "undecided_items"
    title = "Some items are undecided"


class ReadIncomplete(Outside):
    """The org listed fewer rows than it counted: the read proves nothing."""

    code = "read_incomplete"
    retryable = True


class UnusableId(Outside):
    """The snapshot holds an id that no record can have; nothing is asked with it."""

    code = "unusable_id"
