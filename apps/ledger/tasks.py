"""What the ledger does by the clock."""

from celery import shared_task
from django.db import connection

MONTHS_AHEAD = 3


@shared_task(name="ledger.make_partitions")
def make_partitions() -> None:
    """Make the months to come, so that no event ever lacks a place (daily; safe to repeat)."""
    with connection.cursor() as cursor:
        cursor.execute("select ledger_make_partitions(%s)", [MONTHS_AHEAD])
