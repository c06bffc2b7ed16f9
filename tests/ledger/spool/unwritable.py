"""A database that answers reads and takes no writes."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def read_only() -> Iterator[None]:
    """As after a failover to a replica: every transaction of the console only reads."""
    with connection.cursor() as cursor:
        cursor.execute("set default_transaction_read_only = on")
        try:
            yield
        finally:
            cursor.execute("set default_transaction_read_only = off")
