"""Calls by hour: as files tell them, and counted over rows."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.crm.eventlogs.hours import calls_in_files, calls_in_rows, hours_of, numbers_of, ticks_of
from apps.crm.models import LogFile, LogRow
from tests.cast import Cast
from tests.crm.eventlogs.made_files import keep, line
from tests.reviews.made_up import make_connection

DAY = datetime(2026, 11, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
WHOLE = {"since": DAY, "until": DAY + timedelta(days=1)}


@pytest.mark.django_db
def test_files_and_rows_tell_the_same(cast: Cast) -> None:
    with cast.at_acme():
        org = make_connection()
        times = [DAY + n * timedelta(minutes=25) for n in range(9)]
        keep(org, DAY, [line(at, f"r{n}") for n, at in enumerate(times)])
        told = calls_in_files(org, ["ApiTotalUsage"], **WHOLE)
        assert told == calls_in_rows(LogRow.objects.filter(connection=org))
        assert told == {DAY: 3, DAY + HOUR: 2, DAY + 2 * HOUR: 3, DAY + 3 * HOUR: 1}
        LogFile.objects.update(hour_counts=None)  # kept before files told
        assert calls_in_files(org, ["ApiTotalUsage"], **WHOLE) is None


def test_hours_that_no_file_covers_are_unknown_and_not_quiet() -> None:
    hours = hours_of({DAY: 5}, [(DAY, DAY + 2 * HOUR)], since=DAY, until=DAY + 3 * HOUR)
    assert [hour.calls for hour in hours] == [5, 0, None]


def test_a_long_time_is_told_by_days_and_its_axis_stays_readable() -> None:
    month = hours_of({DAY: 5}, [(DAY, DAY + HOUR)], since=DAY, until=DAY + timedelta(days=31))
    numbers = numbers_of(month)
    assert len(numbers) == 31
    assert (numbers[-1].words, numbers[-1].calls, numbers[-1].unknown) == ("2026-11-20", 5, 23)
    assert 5 <= len(ticks_of(month)) <= 8
