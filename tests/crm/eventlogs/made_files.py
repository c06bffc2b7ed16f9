"""Files as they come from an org, made up, and kept as the console keeps them."""

from datetime import datetime, timedelta
from uuid import uuid4

from apps.crm.eventlogs.keeping import keep_file
from apps.crm.eventlogs.listing import Listed
from apps.crm.eventlogs.packed import Packed
from apps.crm.models import Connection, LogFile

HEADER = "EVENT_TYPE,TIMESTAMP_DERIVED,REQUEST_ID,USER_ID,CLIENT_IP,CONNECTED_APP_ID,HTTP_METHOD"


def line(at: datetime, request_id: str, app_id: str = "0H4000000000001") -> str:
    """One row of a file of calls."""
    derived = f"{at:%Y-%m-%dT%H:%M:%S}.000Z"
    return f"ApiTotalUsage,{derived},{request_id},005000000000001,203.0.113.9,{app_id},GET"


def keep(
    connection: Connection,
    start: datetime,
    lines: list[str],
    *,
    hourly: bool = False,
    event_type: str = "ApiTotalUsage",
    header: str = HEADER,
    org_file_id: str = "",
    created_at: datetime | None = None,
) -> LogFile:
    """Keep a file with these lines, as if it had just been downloaded."""
    packed = Packed()
    packed.write("\n".join([header, *lines, ""]).encode())
    packed.finish()
    listed = Listed(
        org_file_id=org_file_id or f"0AT{uuid4().hex[:12]}",
        created_at=created_at or start + timedelta(days=1, hours=3),
        event_type=event_type,
        hourly=hourly,
        starts_at=start,
        sequence=0,
    )
    return keep_file(connection=connection, listed=listed, packed=packed, now=listed.created_at)
