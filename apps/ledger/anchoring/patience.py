"""How long a place outside is left alone after it failed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=15)
AT_ONCE = datetime.min.replace(tzinfo=UTC)


@dataclass
class Patience:
    """When a place is asked again: at once, then after 5 s, 10 s, … up to a quarter of an hour."""

    failures: int = 0
    not_before: datetime = AT_ONCE

    def failed(self, now: datetime, *, retryable: bool) -> None:
        """Wait longer each time; what time alone does not mend waits longest."""
        self.failures += 1
        wait = FIRST_WAIT * 2 ** min(self.failures - 1, 10)
        self.not_before = now + (min(wait, LONGEST_WAIT) if retryable else LONGEST_WAIT)

    def worked(self) -> None:
        """Begin anew."""
        self.failures, self.not_before = 0, AT_ONCE
