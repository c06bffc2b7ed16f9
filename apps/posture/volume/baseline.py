"""What is usual for an app at an hour of the week, and what is not. Pure.

Median and median absolute deviation, because one flood in the past must not make the next one look
usual (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993: 0.6745 · (x - median) / MAD).
Calls are counts, so the spread is never taken as less than the root of the median.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

HOUR = timedelta(hours=1)
LOOK_BACK = timedelta(weeks=4)
LEAST_HISTORY = 7 * 24  # hours that were observed
LEAST_SAMPLES = 3
_CONSISTENT = 0.6745


@dataclass(frozen=True, slots=True)
class Limits:
    """From which score on, and with how many calls of difference, an hour is a deviation."""

    score: float
    least_calls: int


@dataclass(frozen=True, slots=True)
class Deviation:
    """One hour of one app beside what is usual; `basis` says which hours that was taken from."""

    at: datetime
    calls: int
    median: float
    mad: float
    score: float
    samples: int
    basis: str

    @property
    def is_above(self) -> bool:
        """Whether there were more calls than usual."""
        return self.calls > self.median


@dataclass(frozen=True, slots=True)
class Comparable:
    """An hour, and the observed hours before it that it is compared with; the same for all apps."""

    at: datetime
    hours: list[datetime]
    basis: str


def comparable_at(at: datetime, observed: frozenset[datetime]) -> Comparable:
    """The hours of the four weeks before that are like this one. Raises `TooLittleHistory`.

    The same hour of the week; with too few of them, of all working days or all week-ends.
    """
    past = [each for each in observed if at - LOOK_BACK <= each < at]
    if len(past) < LEAST_HISTORY:
        raise TooLittleHistory(len(past))
    same_hour = [each for each in past if each.hour == at.hour]
    same_day = [each for each in same_hour if each.weekday() == at.weekday()]
    if len(same_day) >= LEAST_SAMPLES:
        return Comparable(at, same_day, "the same hour of the week")
    alike = [each for each in same_hour if (each.weekday() >= 5) == (at.weekday() >= 5)]
    if len(alike) >= LEAST_SAMPLES:
        return Comparable(at, alike, "the same hour on days of this kind")
    return Comparable(at, same_hour or past, "the same hour on any day")


def deviation_of(
    like: Comparable, calls: Mapping[datetime, int], limits: Limits
) -> Deviation | None:
    """How an hour of one app deviates; None when it does not.

    Observed hours without calls count as zero; hours that nobody saw are in neither list.
    """
    values = [calls.get(each, 0) for each in like.hours]
    middle = float(median(values))
    mad = float(median(abs(value - middle) for value in values))
    spread = max(mad / _CONSISTENT, middle**0.5, 1.0)
    found = calls.get(like.at, 0)
    score = abs(found - middle) / spread
    if score < limits.score or abs(found - middle) < limits.least_calls:
        return None
    return Deviation(like.at, found, middle, mad, round(score, 1), len(values), like.basis)


class TooLittleHistory(Exception):
    """Fewer hours were observed before than a baseline needs; `hours` were."""

    def __init__(self, hours: int) -> None:
        super().__init__(f"{hours} hours were observed, {LEAST_HISTORY} are needed")
        self.hours = hours
