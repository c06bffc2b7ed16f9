"""Log files: which there are, and what stands in them.

A daily file comes the day after, an hourly one some hours later. The content is made when it is
asked for: the made-up events of the time, and every call that really came.
"""

import csv
import io
from datetime import datetime, timedelta

from apps.sandbox.event_logs.columns import COLUMNS
from apps.sandbox.event_logs.rare import happens
from apps.sandbox.event_logs.rows import rows_of
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
        rows += _files(day, DAILY, made=day + timedelta(hours=26))
    for hours in range(24, HOURS_LATE - 1, -1):
        start = hour - timedelta(hours=hours)
        rows += _files(start, HOURLY, made=start + timedelta(hours=HOURS_LATE))
    _keep(org, rows, now=now)


def deliver_hour(org: Org, *, hour: datetime, now: datetime) -> list[Record]:
    """Write the files of an hour at once, without the usual delay. Once more is a duplicate, as
    now and then happens."""
    start = hour.replace(minute=0, second=0, microsecond=0)
    rows = _files(start, HOURLY, made=now)
    came = {row["EventType"] for row in rows}
    late = [each for each in TYPES if each not in came and any(rows_of(org, each, start, hours=1))]
    rows += [_file(each, start, HOURLY, made=now) for each in late]
    return _keep(org, rows, now=now)


def deliver_again(org: Org, record: Record, *, now: datetime) -> None:
    """What the platform does with late events: the same file with a new date and more in it."""
    org.update("EventLogFile", record["Id"], {"CreatedDate": stamp(now)}, now=now)


def _keep(org: Org, rows: list[Record], *, now: datetime) -> list[Record]:
    drafts = [org.draft("EventLogFile", row, now=now) for row in rows]
    for draft in drafts:
        draft["LogFile"] = f"/services/data/v62.0/sobjects/EventLogFile/{draft['Id']}/LogFile"
    org.store.put_many("sobject:EventLogFile", [(draft["Id"], draft) for draft in drafts])
    return drafts


def _files(start: datetime, interval: str, *, made: datetime) -> list[Record]:
    """A file for each type of which something was made up then."""
    hours = 24 if interval == DAILY else 1
    found = [each for each in TYPES if happens(each, start, hours=hours)]
    return [_file(each, start, interval, made=made) for each in found]


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
    event_type = str(record["EventType"])
    start = read_stamp(str(record["LogDate"]))
    columns = COLUMNS[event_type]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    for cells in rows_of(org, event_type, start, hours=_hours_of(record)):
        writer.writerow([cells.get(column, "") for column in columns])
    return out.getvalue()


def _hours_of(record: Record) -> int:
    return 24 if record["Interval"] == DAILY else 1
