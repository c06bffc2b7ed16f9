"""Which files an org has that were not taken yet.

Files are found by CreatedDate: a file delivered again keeps its id and gets a newer one. Each look
reaches back a while, because a file may become visible after others that were created later.
https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_eventlogfile.htm
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apps.crm.client.org import Org
from apps.crm.client.soql import quoted

FIELDS = "Id, EventType, LogDate, Interval, Sequence, CreatedDate"
OVERLAP = timedelta(hours=3)
FIRST_DAYS = 30  # no org keeps files for longer without an archive
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
API_TYPES = ("ApiTotalUsage", "RestApi", "API", "BulkApi", "BulkApi2")
TAKEN_TYPES = (*API_TYPES, "Login", "ReportExport", "NamedCredential", "ApexCallout")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A file as the org lists it."""

    org_file_id: str
    created_at: datetime
    event_type: str
    hourly: bool
    starts_at: datetime
    sequence: int

    @property
    def ends_at(self) -> datetime:
        """The end of the time that the file is about."""
        return self.starts_at + (HOUR if self.hourly else DAY)


def list_files(org: Org, *, since: datetime) -> Iterator[Listed]:
    """Files created at or after `since`, oldest first. Raises `CrmError`."""
    types = ", ".join(quoted(each) for each in TAKEN_TYPES)
    query = (
        f"SELECT {FIELDS} FROM EventLogFile WHERE EventType IN ({types})"  # noqa: S608
        f" AND CreatedDate >= {since.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z}"
        " ORDER BY CreatedDate ASC, Id ASC"
    )
    for row in org.query(query):
        yield Listed(
            org_file_id=str(row["Id"]),
            created_at=datetime.fromisoformat(str(row["CreatedDate"])),
            event_type=str(row["EventType"])[:60],
            hourly=row.get("Interval") == "Hourly",
            starts_at=datetime.fromisoformat(str(row["LogDate"])),
            sequence=int(row.get("Sequence") or 0),
        )
