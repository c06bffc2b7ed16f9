"""Event log files: one row a file, its content behind the address in `LogFile`."""

from apps.sandbox.schema.fields import SObject, choice, identity, moment, text, whole

EVENT_LOG_FILE = SObject(
    name="EventLogFile",
    prefix="0AT",
    label="Event Log File",
    plural="Event Log Files",
    reading_needs="ViewEventLogFiles",
    fields=(
        identity(),
        choice("EventType", "ApiTotalUsage", "Login", "RestApi"),
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
EVENT_LOGS = (EVENT_LOG_FILE,)
