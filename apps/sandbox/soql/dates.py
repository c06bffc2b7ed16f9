"""Date literals as half-open ranges of whole days, in UTC."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from apps.sandbox.errors import ApiError
from apps.sandbox.soql.tree import DateLiteral

Days = tuple[date, date]


def range_of(literal: DateLiteral, *, now: datetime) -> tuple[datetime, datetime]:
    """From the literal's first moment to the first moment after it.

    Raises ApiError for a literal that is not known."""
    today = now.astimezone(UTC).date()
    plain = _PLAIN.get(literal.name)
    counted = _COUNTED.get(literal.name)
    try:
        if plain and literal.count is None:
            first, after = plain(today)
        elif counted and literal.count is not None:
            first, after = counted(today, literal.count)
        else:
            raise ValueError(literal.name)
    except (ValueError, OverflowError) as error:  # unknown, or beyond the calendar
        shown = literal.name if literal.count is None else f"{literal.name}:{literal.count}"
        raise ApiError(400, "MALFORMED_QUERY", f"unexpected token: '{shown}'") from error
    return midnight(first), midnight(after)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _days(today: date, *, first: int, after: int) -> Days:
    return today + timedelta(days=first), today + timedelta(days=after)


def _week(today: date, shift: int) -> Days:
    sunday = today - timedelta(days=(today.weekday() + 1) % 7) + timedelta(weeks=shift)
    return sunday, sunday + timedelta(weeks=1)


def _month_start(today: date, shift: int) -> date:
    months = today.year * 12 + today.month - 1 + shift
    return date(months // 12, months % 12 + 1, 1)


def _months(today: date, first: int, after: int) -> Days:
    return _month_start(today, first), _month_start(today, after)


def _years(today: date, first: int, after: int) -> Days:
    return date(today.year + first, 1, 1), date(today.year + after, 1, 1)


_PLAIN: dict[str, Callable[[date], Days]] = {
    "YESTERDAY": lambda today: _days(today, first=-1, after=0),
    "TODAY": lambda today: _days(today, first=0, after=1),
    "TOMORROW": lambda today: _days(today, first=1, after=2),
    "LAST_90_DAYS": lambda today: _days(today, first=-90, after=1),
    "NEXT_90_DAYS": lambda today: _days(today, first=1, after=91),
    "LAST_WEEK": lambda today: _week(today, -1),
    "THIS_WEEK": lambda today: _week(today, 0),
    "NEXT_WEEK": lambda today: _week(today, 1),
    "LAST_MONTH": lambda today: _months(today, -1, 0),
    "THIS_MONTH": lambda today: _months(today, 0, 1),
    "NEXT_MONTH": lambda today: _months(today, 1, 2),
    "LAST_YEAR": lambda today: _years(today, -1, 0),
    "THIS_YEAR": lambda today: _years(today, 0, 1),
    "NEXT_YEAR": lambda today: _years(today, 1, 2),
}
_COUNTED: dict[str, Callable[[date, int], Days]] = {
    "LAST_N_DAYS": lambda today, n: _days(today, first=-n, after=1),
    "NEXT_N_DAYS": lambda today, n: _days(today, first=1, after=n + 1),
    "N_DAYS_AGO": lambda today, n: _days(today, first=-n, after=1 - n),
    "LAST_N_WEEKS": lambda today, n: (_week(today, -n)[0], _week(today, 0)[0]),
    "NEXT_N_WEEKS": lambda today, n: (_week(today, 1)[0], _week(today, n + 1)[0]),
    "LAST_N_MONTHS": lambda today, n: _months(today, -n, 0),
    "NEXT_N_MONTHS": lambda today, n: _months(today, 1, n + 1),
    "LAST_N_YEARS": lambda today, n: _years(today, -n, 0),
    "NEXT_N_YEARS": lambda today, n: _years(today, 1, n + 1),
}
