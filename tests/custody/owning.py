"""Acting as the schema's owner, which may rotate keys, in a transaction that leaves nothing."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from console.dev import urls


@contextmanager
def as_owner() -> Iterator[None]:
    """What runs here runs with the owner's login, as its commands do, and is undone at the end."""
    settings = dict(connection.settings_dict)
    url = os.environ["DATABASE_OWNER_URL"]
    connection.close()
    connection.settings_dict.update(USER=urls.user_of(url), PASSWORD=urls.password_of(url))
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        connection.close()
        connection.settings_dict.update(settings)
