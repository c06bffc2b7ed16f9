"""Event log files: one row a file, its content behind the address in `LogFile`; and their twin.

Object reference: EventLogFile, ApiTotalUsageEventLog (from v61 on).
"""

from apps.sandbox.event_logs.columns import COLUMNS
from apps.sandbox.schema.fields import SObject, choice, flag, identity, moment, text, whole

EVENT_LOG_FILE = SObject(
    name="EventLogFile",
    prefix="0AT",
    label="Event Log File",
    plural="Event Log Files",
    reading_needs="ViewEventLogFiles",
    fields=(
        identity(),
        choice("EventType", *sorted(COLUMNS)),
        moment("LogDate"),
        whole("LogFileLength"),
        text("LogFileContentType", 40),
        text("LogFile", type="base64"),
        choice("Interval", "Daily", "Hourly"),
        whole("Sequence"),
        moment("CreatedDate"),
        moment("LastModifiedDate"),
        moment("SystemModstamp"),
        text("ApiVersion", 10),
        text("LogFileFieldNames"),
        text("LogFileFieldTypes"),
    ),
)
API_TOTAL_USAGE_EVENT_LOG = SObject(
    name="ApiTotalUsageEventLog",
    prefix="0kR",
    label="API Total Usage Event Log",
    plural="API Total Usage Event Logs",
    reading_needs="EventLogReadAccess",
    fields=(
        identity(),
        text("ApiFamily"),
        text("ApiResource"),
        text("ApiVersion", type="double"),
        text("ClientIp"),
        text("ClientName"),
        text("ConnectedAppIdentifier"),
        text("HttpMethod"),
        flag("IsApiLimitCounted"),
        text("ObjectName"),
        text("RequestIdentifier"),
        whole("StatusCode"),
        moment("Timestamp"),
        text("UserIdentifier"),
    ),
)
EVENT_LOGS = (API_TOTAL_USAGE_EVENT_LOG, EVENT_LOG_FILE)
