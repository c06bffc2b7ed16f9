"""Log files: which there are, and what stands in them.

A daily file comes the day after, an hourly one some hours later. The content is made when it is
asked for: the made-up traffic of the time, and every call that really came.
"""

import csv
import io
from datetime import datetime, timedelta

from apps.sandbox.event_logs.calls import LoggedCall, calls_between
from apps.sandbox.event_logs.columns import COLUMNS
from apps.sandbox.event_logs.traffic import calls_of_hour
from apps.sandbox.org import Org, Record
from apps.sandbox.times import read_stamp, stamp

DAYS_KEPT = 30
HOURS_LATE = 3
DAILY, HOURLY = "Daily", "Hourly"
TYPES = tuple(COLUMNS)


def plant_files(org: Org, *, now: datetime) -> None:
    """The files an org of some age has: a month of days, and the hours of the last day."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    hour = now.replace(minute=0, second=0, microsecond=0)
    rows = []
    for days in range(DAYS_KEPT, 0, -1):
        day = midnight - timedelta(days=days)
        rows += [_file(each, day, DAILY, made=day + timedelta(hours=26)) for each in TYPES]
    for hours in range(24, HOURS_LATE - 1, -1):
        start = hour - timedelta(hours=hours)
        made = start + timedelta(hours=HOURS_LATE)
        rows += [_file(each, start, HOURLY, made=made) for each in TYPES]
    _keep(org, rows, now=now)


def deliver_hour(org: Org, *, hour: datetime, now: datetime) -> list[Record]:
    """Write the files of an hour at once, without the usual delay. Once more is a duplicate, as
    now and then happens."""
    start = hour.replace(minute=0, second=0, microsecond=0)
    rows = [_file(each, start, HOURLY, made=now) for each in TYPES]
    return _keep(org, rows, now=now)


def deliver_again(org: Org, record: Record, *, now: datetime) -> None:
    """What the platform does with late events: the same file with a new date and more in it."""
    org.update("EventLogFile", record["Id"], {"CreatedDate": stamp(now)}, now=now)


def _keep(org: Org, rows: list[Record], *, now: datetime) -> list[Record]:
    made = [
        record | {"LogFile": f"/services/data/v62.0/sobjects/EventLogFile/{record['Id']}/LogFile"}
        for record in org.insert_many("EventLogFile", rows, now=now)
    ]
    org.store.put_many("sobject:EventLogFile", [(record["Id"], record) for record in made])
    return made


def _file(event_type: str, start: datetime, interval: str, *, made: datetime) -> Record:
    return {
        "EventType": event_type,
        "LogDate": stamp(start),
        "Interval": interval,
        "Sequence": 0 if interval == DAILY else start.hour + 1,
        "LogFileContentType": "text/csv",
        "LogFileLength": 65_536 if interval == DAILY else 4_096,  # the platform's is not exact
        "ApiVersion": "62.0",
        "LogFileFieldNames": ",".join(COLUMNS[event_type]),
        "CreatedDate": stamp(made),
    }


def content_of(org: Org, record: Record) -> str:
    """The file's text: every cell quoted, newest column set."""
    start = read_stamp(str(record["LogDate"]))
    hours = 24 if record["Interval"] == DAILY else 1
    end = start + timedelta(hours=hours)
    calls = [call for each in range(hours) for call in calls_of_hour(org, start + _hours(each))]
    calls += calls_between(org, stamp(start), stamp(end))
    columns = COLUMNS[str(record["EventType"])]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    for call in calls:
        if _belongs(str(record["EventType"]), call):
            cells = _cells(org, str(record["EventType"]), call)
            writer.writerow([cells.get(column, "") for column in columns])
    return out.getvalue()


def _belongs(event_type: str, call: LoggedCall) -> bool:
    """Whether a file of this type tells of the call."""
    if event_type == "Login":
        return call.resource.endswith("/query")
    return event_type != "RestApi" or call.family == "REST"


def _hours(number: int) -> timedelta:
    return timedelta(hours=number)


def _cells(org: Org, event_type: str, call: LoggedCall) -> dict[str, str]:
    at = read_stamp(call.at)
    return {
        "EVENT_TYPE": event_type,
        "TIMESTAMP": f"{at:%Y%m%d%H%M%S}.{at.microsecond // 1000:03d}",
        "TIMESTAMP_DERIVED": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z",
        "REQUEST_ID": call.request_id,
        "ORGANIZATION_ID": org.spec.id[:15],
        "USER_ID": call.user_id[:15],
        "USER_NAME": call.user_name,
        "API_FAMILY": call.family,
        "API_TYPE": "REST API",
        "API_VERSION": call.version,
        "API_RESOURCE": call.resource,
        "URI": f"/services/data{call.resource}",
        "HTTP_METHOD": call.method,
        "METHOD": call.method,
        "MEDIA_TYPE": "application/json",
        "CLIENT_IP": call.address,
        "SOURCE_IP": call.address,
        "COUNTS_AGAINST_API_LIMIT": "1",
        "CONNECTED_APP_ID": call.app_id[:15],
        "CONNECTED_APP_NAME": call.app_name,
        "ENTITY_NAME": call.entity,
        "STATUS_CODE": str(call.status),
        "ROWS_PROCESSED": str(call.rows),
        "REQUEST_STATUS": "Success",
        "LOGIN_STATUS": "LOGIN_NO_ERROR",
        "TLS_PROTOCOL": "TLSv1.3",
    }
