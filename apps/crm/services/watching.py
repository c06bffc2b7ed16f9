"""Which objects' fields a snapshot of an org reads."""

from collections.abc import Iterable

from django.db import transaction

from apps.crm.client.soql import is_name
from apps.crm.models import Connection

MOST_OBJECTS = 100  # each costs one call a snapshot


@transaction.atomic
def watch_objects(connection: Connection, names: Iterable[str]) -> list[str]:
    """From the next snapshot on, read the fields of these objects and of no others; what is no
    name of an object is left out.

    Called with what declared purposes name, by what records those.
    """
    each_once = {name.casefold(): name for name in sorted(names, reverse=True) if is_name(name)}
    wanted = sorted(each_once.values())[:MOST_OBJECTS]
    Connection.objects.filter(pk=connection.pk).exclude(watched_objects=wanted).update(
        watched_objects=wanted
    )
    return wanted
