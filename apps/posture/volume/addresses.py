"""Where the page of event logs shows a stretch of time."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse

from apps.crm.models import Connection

LONGEST = timedelta(days=31)  # what the page shows at once
MINUTE = timedelta(minutes=1)


def log_address(
    connection: Connection,
    since: datetime,
    until: datetime,
    *,
    app: str = "",
    request: str = "",
) -> str:
    """The address of the events from the minute of `since` up to `until`."""
    end = min(until, since + LONGEST)
    asked = {
        "org": str(connection.pk),
        "from": _typed(since),
        "until": _typed(end),
        "app": app,
        "request": request,
    }
    return f"{reverse('crm:logs')}?{urlencode({key: each for key, each in asked.items() if each})}"


def _typed(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M}"
