"""Values of an org's records as rows keep them."""

from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime


def instant(told: Any) -> datetime | None:
    """A time as the org writes it; None without one."""
    return parse_datetime(str(told)) if told else None


def text(told: Any) -> str:
    """Text that fits a column."""
    return str(told or "").replace("\x00", "")[:255]
