"""What a search can be narrowed to: the apps and types that a time has."""

from datetime import datetime

from django.db import connection as database

from apps.common.scope import current_tenant_id
from apps.crm.eventlogs.keeping import current_files
from apps.crm.models import Connection

MOST_APPS = 300
# Steps through the index from one app to the next instead of reading all rows (PostgreSQL wiki,
# "Loose indexscan"). Types without names and rows without apps are what the inner limit is for.
_ITS = "tenant_id = %(tenant)s::uuid AND connection_id = %(org)s::uuid"
_APPS = f"""
WITH RECURSIVE one(app) AS (
  (SELECT app_id FROM crm_logrow WHERE {_ITS} AND app_id > '' ORDER BY app_id LIMIT 1)
  UNION ALL
  SELECT (SELECT app_id FROM crm_logrow WHERE {_ITS} AND app_id > one.app
          ORDER BY app_id LIMIT 1)
  FROM one WHERE one.app IS NOT NULL)
SELECT one.app, recent.name FROM one, LATERAL (
  SELECT max(app_name) AS name FROM (
    SELECT app_name FROM crm_logrow WHERE {_ITS} AND app_id = one.app
    AND at >= %(since)s AND at < %(until)s ORDER BY at DESC LIMIT 200) last
) recent WHERE recent.name IS NOT NULL LIMIT %(most)s
"""  # noqa: S608 - only the constant above is put in


def apps_of(connection: Connection, *, since: datetime, until: datetime) -> list[tuple[str, str]]:
    """Id and name of each app that called between two times, by name; unnamed ones by their id."""
    asked: dict[str, str | datetime | int] = {
        "tenant": str(current_tenant_id()),
        "org": str(connection.pk),
        "since": since,
        "until": until,
        "most": MOST_APPS,
    }
    with database.cursor() as cursor:
        cursor.execute(_APPS, asked)
        found = [(app_id, name or app_id) for app_id, name in cursor.fetchall()]
    return sorted(found, key=lambda pair: pair[1].lower())


def kinds_of(connection: Connection, *, since: datetime, until: datetime) -> list[str]:
    """The types of event that files about this time have."""
    files = current_files(connection).filter(starts_at__lt=until, ends_at__gt=since)
    return list(files.order_by("event_type").values_list("event_type", flat=True).distinct())
