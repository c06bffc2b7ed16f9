"""Events as a page lists them: what several types tell of one call is one line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from apps.crm.eventlogs.coverage import TOTAL
from apps.crm.models import LogRow

_TOLD = ("app_id", "app_name", "user_id", "address", "method", "entity", "resource", "status")


@dataclass(slots=True, kw_only=True)
class Line:
    """One call. `records` is None where no type of event tells them."""

    at: datetime
    request_id: str
    types: list[str] = field(default_factory=list)
    app_id: str = ""
    app_name: str = ""
    user_id: str = ""
    address: str = ""
    method: str = ""
    entity: str = ""
    resource: str = ""
    status: str = ""
    records: int | None = None


def lines_of(rows: Iterable[LogRow], names: Mapping[str, str]) -> list[Line]:
    """Lines in the order of the rows; `names` are those of apps by id, for types without them."""
    found: dict[object, Line] = {}
    for row in rows:
        key = (row.at, row.request_id) if row.request_id else row.pk
        line = found.setdefault(key, Line(at=row.at, request_id=row.request_id))
        _add(line, row)
    for line in found.values():
        line.app_name = line.app_name or names.get(line.app_id, "")
    return list(found.values())


def _add(line: Line, row: LogRow) -> None:
    """Take over what the row tells and the line has not; the type that has every call tells
    best."""
    for name in _TOLD:
        told = getattr(row, name)
        if told and (not getattr(line, name) or row.event_type == TOTAL):
            setattr(line, name, told)
    if row.rows is not None:
        line.records = row.rows
    line.types.append(row.event_type)
    line.types.sort()
