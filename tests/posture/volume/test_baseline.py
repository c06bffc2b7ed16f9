"""What is usual at an hour of the week, and what is not."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.posture.volume.baseline import (
    HOUR,
    Deviation,
    Limits,
    TooLittleHistory,
    comparable_at,
    deviation_of,
)

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday
LIMITS = Limits(score=6.0, least_calls=50)


def history(weeks: float) -> frozenset[datetime]:
    return frozenset(NOON - n * HOUR for n in range(int(weeks * 168) + 1))


def office(hours: frozenset[datetime], busy: int = 100) -> dict[datetime, int]:
    """Busy at noon on working days, a little different each time; silent otherwise."""
    noons = [at for at in sorted(hours) if at.hour == 12 and at.weekday() < 5]
    return {at: busy + number % 5 for number, at in enumerate(noons)}


def deviation_at(
    at: datetime, calls: dict[datetime, int], observed: frozenset[datetime], limits: Limits
) -> Deviation | None:
    return deviation_of(comparable_at(at, observed), calls, limits)


def test_a_flood_is_a_deviation_and_the_usual_is_not() -> None:
    hours = history(4)
    calls = office(hours)
    assert deviation_at(NOON, calls, hours, LIMITS) is None
    flood = deviation_at(NOON, {**calls, NOON: 900}, hours, LIMITS)
    assert flood is not None and flood.is_above
    assert (flood.calls, flood.samples, flood.basis) == (900, 4, "the same hour of the week")
    assert 99 < flood.median < 106 and flood.score > 50


def test_silence_at_a_busy_hour_is_a_deviation() -> None:
    hours = history(4)
    silent = deviation_at(NOON, {**office(hours), NOON: 0}, hours, LIMITS)
    assert silent is not None and not silent.is_above


def test_an_earlier_flood_does_not_make_the_next_one_usual() -> None:
    hours = history(4)
    calls = {**office(hours), NOON - timedelta(weeks=1): 5000, NOON: 5000}
    assert deviation_at(NOON, calls, hours, LIMITS) is not None


def test_few_calls_more_than_none_are_no_deviation() -> None:
    hours = history(4)
    night = NOON - timedelta(hours=9)
    assert deviation_at(night, {night: 30}, hours, LIMITS) is None
    assert deviation_at(night, {night: 60}, hours, LIMITS) is not None


def test_with_one_week_the_same_hour_of_like_days_is_taken() -> None:
    hours = history(1)
    found = deviation_at(NOON, {**office(hours), NOON: 900}, hours, LIMITS)
    assert found is not None
    assert (found.basis, found.samples) == ("the same hour on days of this kind", 5)


def test_before_seven_observed_days_nothing_is_said() -> None:
    with pytest.raises(TooLittleHistory) as little:
        deviation_at(NOON, {NOON: 9000}, history(0.9), LIMITS)
    assert little.value.hours < 7 * 24


def test_hours_that_nobody_saw_are_left_out_instead_of_counting_as_none() -> None:
    hours = history(4)
    calls = office(hours)
    gone = {at for at in calls if at < NOON - timedelta(weeks=1, hours=1)}
    seen = frozenset(hours - gone)
    known = {at: number for at, number in calls.items() if at not in gone}
    assert deviation_at(NOON, known, seen, LIMITS) is None
