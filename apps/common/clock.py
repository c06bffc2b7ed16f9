"""Database time. Deadlines are judged by one clock, whatever the clocks of the web servers say."""

from datetime import datetime

from django.db import connection


def database_now() -> datetime:
    """The database's wall clock now (not the transaction's start), with zone."""
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        row: tuple[datetime] = cursor.fetchone()
    return row[0]


def not_before(now: datetime) -> datetime:
    """The later of a caller's `now` and database time.

    Services call it once they hold the row's lock, so that the time spent waiting for the lock
    counts against the deadline.
    """
    return max(now, database_now())
