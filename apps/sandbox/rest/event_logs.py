"""The content of an event log file."""

from apps.sandbox.access import has_permission
from apps.sandbox.errors import insufficient_access, not_found
from apps.sandbox.event_logs.files import content_of
from apps.sandbox.rest.context import Context
from apps.sandbox.wire import Answer


def log_file(context: Context, record_id: str) -> Answer:
    """The file as text/csv. Raises ApiError."""
    if not has_permission(context.org, context.user_id, "ViewEventLogFiles"):
        raise insufficient_access()
    record = context.org.record("EventLogFile", record_id)
    if record is None:
        raise not_found()
    return Answer(body=content_of(context.org, record), content_type="text/csv;charset=UTF-8")
