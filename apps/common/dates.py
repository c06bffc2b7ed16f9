"""Days that people type."""

from datetime import date

from django.utils.dateparse import parse_date

from apps.common.errors import Invalid


def read_day(typed: str, *, field: str) -> date:
    """The day, or `Invalid` naming the field and the form a day has."""
    try:
        day = parse_date(typed.strip())
    except ValueError:  # well-formed, but no such day
        day = None
    if day is None:
        raise Invalid("Write the day as year-month-day, for example 2026-11-21.", field=field)
    return day
