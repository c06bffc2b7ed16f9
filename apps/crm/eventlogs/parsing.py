"""From the CSV of a log file to rows for searching.

Columns are found by name: their order and number change with releases. What only the sealed file
keeps is left out here: names of people, query strings, values that a record is looked up by.
Columns: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_eventlogfile_supportedeventtypes.htm
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

ID_CHARACTERS = 15  # the rest of the 18 is a checksum
MOST_NUMBER = 2**62
_SOBJECTS = "sobjects"

Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One row of a file, as far as it is searched."""

    at: datetime
    app_id: str
    app_name: str
    user_id: str
    address: str
    method: str
    resource: str
    entity: str
    status: str
    rows: int | None
    request_id: str


@dataclass
class Tally:
    """How many lines were read, and how many told no time or could not be parsed."""

    read: int = 0
    unreadable: int = 0


def events_of(lines: Iterator[str], tally: Tally) -> Iterator[Event]:
    """The events of a file in its order; `tally` counts along."""
    reader = csv.reader(line.replace("\0", "") for line in lines)
    header: list[str] | None = None
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:  # a cell beyond the parser's limit: one row lost, not the file
            tally.unreadable += 1
            continue
        if header is None:
            header = [name.strip().upper() for name in cells]
            continue
        event = _event(dict(zip(header, cells, strict=False))) if cells else None
        if event is not None:
            tally.read += 1
            yield event
        elif cells:
            tally.unreadable += 1


def _event(cells: Cells) -> Event | None:
    at = _time(cells)
    if at is None:
        return None
    return Event(
        at=at,
        app_id=short_id(cells.get("CONNECTED_APP_ID", ""))[:120],
        app_name=_first(cells, "CONNECTED_APP_NAME", "CLIENT_NAME")[:255],
        user_id=short_id(cells.get("USER_ID", ""))[:18],
        address=_first(cells, "CLIENT_IP", "SOURCE_IP")[:60],
        method=_first(cells, "HTTP_METHOD", "METHOD", "METHOD_NAME", "OPERATION_TYPE")[:60],
        resource=_resource(_first(cells, "API_RESOURCE", "URI", "URL"))[:300],
        entity=_first(cells, "ENTITY_NAME", "ENTITY_TYPE")[:255],
        status=_first(cells, "STATUS_CODE", "LOGIN_STATUS", "REQUEST_STATUS")[:60],
        rows=_number(_first(cells, "ROWS_PROCESSED", "RECORDS_PROCESSED", "ROW_COUNT")),
        request_id=cells.get("REQUEST_ID", "")[:64],
    )


def short_id(value: str) -> str:
    """A record's id without its checksum; anything else as it is (a consumer key, say)."""
    return value[:ID_CHARACTERS] if len(value) == 18 and value.isalnum() else value


def _first(cells: Cells, *names: str) -> str:
    return next((cells[name] for name in names if cells.get(name)), "")


def _time(cells: Cells) -> datetime | None:
    """Logs count in UTC: TIMESTAMP_DERIVED is ISO 8601, TIMESTAMP is yyyyMMddHHmmss.SSS."""
    try:
        if derived := cells.get("TIMESTAMP_DERIVED"):
            at = datetime.fromisoformat(derived)
            return at if at.tzinfo else at.replace(tzinfo=UTC)
        return datetime.strptime(cells.get("TIMESTAMP", ""), "%Y%m%d%H%M%S.%f").replace(tzinfo=UTC)
    except ValueError:
        return None


def _number(text: str) -> int | None:
    try:
        number = int(float(text)) if text else None
    except (ValueError, OverflowError):
        return None
    return number if number is None or 0 <= number < MOST_NUMBER else None


def _resource(address: str) -> str:
    """The path without its query; a value by which a record was looked up becomes an ellipsis."""
    parts = address.partition("?")[0].split("/")
    if _SOBJECTS in parts:
        after = parts.index(_SOBJECTS) + 3
        parts[after:] = ["…"] if len(parts) > after else []
    return "/".join(parts)
