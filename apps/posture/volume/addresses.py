"""Where the page of event logs shows a stretch of time."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse

from apps.crm.models import Connection

LONGEST = timedelta(days=31)  # what the page shows at once


def log_address(
    connection: Connection, since: datetime, until: datetime | None, *, app: str = ""
) -> str:
    """The address of the events between two times, the whole minute of the last included."""
    end = min((until or since) + timedelta(minutes=1), since + LONGEST)
    if until is not None and until.second == until.minute == 0:
        end = until
    asked = {"org": str(connection.pk), "from": _typed(since), "until": _typed(end)}
    return f"{reverse('crm:logs')}?{urlencode({**asked, **({'app': app} if app else {})})}"


def _typed(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M}"
