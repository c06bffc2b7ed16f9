"""ApiTotalUsageEventLog: the calls of the last day as rows that a query can find."""

from datetime import datetime, timedelta

from apps.sandbox.event_logs.calls import LoggedCall
from apps.sandbox.event_logs.rows import calls_of
from apps.sandbox.ids import make_id
from apps.sandbox.org import Org, Record

NAME = "ApiTotalUsageEventLog"
HOURS = 24


def usage_rows(org: Org, *, now: datetime) -> list[Record]:
    """One row a call, oldest first; worked out each time, so nothing is kept twice."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    calls = calls_of(org, hour - timedelta(hours=HOURS - 1), hours=HOURS)
    told = sorted((call for call in calls), key=lambda call: call.at)
    return [_row(org, number, call) for number, call in enumerate(told, 1)]


def _row(org: Org, number: int, call: LoggedCall) -> Record:
    return {
        "Id": make_id("0kR", pod=org.spec.pod, number=number),
        "ApiFamily": call.family,
        "ApiResource": call.resource,
        "ApiVersion": float(call.version),
        "ClientIp": call.address,
        "ConnectedAppIdentifier": call.app_id,
        "HttpMethod": call.method,
        "IsApiLimitCounted": True,
        "ObjectName": call.entity,
        "RequestIdentifier": call.request_id,
        "StatusCode": call.status,
        "Timestamp": call.at,
        "UserIdentifier": call.user_id,
    }
