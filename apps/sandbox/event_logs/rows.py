"""What stands in a log file: the made-up events of its time, and every one that really came."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from apps.sandbox.event_logs.calls import LoggedCall, calls_between
from apps.sandbox.event_logs.rare import Cells, rare_events
from apps.sandbox.event_logs.traffic import calls_of_hour
from apps.sandbox.org import Org, Record
from apps.sandbox.times import read_stamp, stamp

_JOBS = "/jobs/"
_OK, _REFUSED = "LOGIN_NO_ERROR", "LOGIN_ERROR_CLIENT_NO_ACCESS"


def rows_of(org: Org, event_type: str, start: datetime, *, hours: int) -> Iterator[Cells]:
    """The rows of a type from `start` on, by column."""
    if event_type in _BELONGS:
        for call in calls_of(org, start, hours=hours):
            if _BELONGS[event_type](call):
                yield _common(org, event_type, read_stamp(call.at)) | _of_call(event_type, call)
    elif event_type == "Login":
        for at, cells in _logins(org, start, hours):
            yield _common(org, event_type, at) | cells
    else:
        for each in range(hours):
            for at, cells in rare_events(org, event_type, start + timedelta(hours=each)):
                yield _common(org, event_type, at) | cells


def calls_of(org: Org, start: datetime, *, hours: int) -> list[LoggedCall]:
    """Every API call from `start` on, the made-up ones first."""
    made_up = [
        call for each in range(hours) for call in calls_of_hour(org, start + timedelta(hours=each))
    ]
    end = start + timedelta(hours=hours)
    return made_up + calls_between(org, stamp(start), stamp(end))


_BELONGS: dict[str, Callable[[LoggedCall], bool]] = {
    "ApiTotalUsage": lambda call: bool(call.family),
    "RestApi": lambda call: call.family == "REST",
    "API": lambda call: call.family == "SOAP",
    "BulkApi2": lambda call: _JOBS in call.resource,
}


def _common(org: Org, event_type: str, at: datetime) -> Cells:
    return {
        "EVENT_TYPE": event_type,
        "TIMESTAMP": f"{at:%Y%m%d%H%M%S}.{at.microsecond // 1000:03d}",
        "TIMESTAMP_DERIVED": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z",
        "ORGANIZATION_ID": org.spec.id[:15],
    }


def _of_call(event_type: str, call: LoggedCall) -> Cells:
    cells = {
        "REQUEST_ID": call.request_id,
        "USER_ID": call.user_id[:15],
        "USER_ID_DERIVED": call.user_id,
        "USER_NAME": call.user_name,
        "API_FAMILY": call.family,
        "API_TYPE": "E",  # the platform's letter for the enterprise and partner APIs
        "API_VERSION": call.version,
        "API_RESOURCE": call.resource,
        "METHOD_NAME": call.resource,
        "URI": f"/services/data{call.resource}",
        "HTTP_METHOD": call.method,
        "METHOD": call.method,
        "MEDIA_TYPE": "application/json",
        "CLIENT_IP": call.address,
        "COUNTS_AGAINST_API_LIMIT": "1",
        "CONNECTED_APP_ID": call.app_id[:15],
        "CONNECTED_APP_NAME": call.app_name,
        "ENTITY_NAME": call.entity,
        "ENTITY_TYPE": call.entity,
        "STATUS_CODE": str(call.status),
        "REQUEST_STATUS": "S" if call.status < 400 else "F",
        "ROWS_PROCESSED": str(call.rows),
        "RECORDS_PROCESSED": str(call.rows),
        "RECORDS_FAILED": "0",
    }
    return cells | (_job(call) if event_type == "BulkApi2" else {})


def _job(call: LoggedCall) -> Cells:
    kind, _, rest = call.resource.partition(_JOBS)[2].partition("/")
    job = rest.partition("/")[0]
    return {"JOB_ID": job, "OPERATION_TYPE": kind.upper(), "JOB_STATUS": "JobComplete"}


def _logins(org: Org, start: datetime, hours: int) -> Iterator[tuple[datetime, Cells]]:
    """The first call of each app in an hour came after a sign-in; and the history of logins."""
    for each in range(hours):
        seen: set[tuple[str, str]] = set()
        for call in calls_of_hour(org, start + timedelta(hours=each)):
            if (call.app_id, call.user_id) not in seen:
                seen.add((call.app_id, call.user_id))
                yield read_stamp(call.at), _made_up_login(call)
    end = stamp(start + timedelta(hours=hours))
    for number, login in enumerate(org.records("LoginHistory")):
        if stamp(start) <= str(login["LoginTime"]) < end:
            yield read_stamp(str(login["LoginTime"])), _login(org, login, number)


def _made_up_login(call: LoggedCall) -> Cells:
    return {
        "REQUEST_ID": call.request_id,
        "USER_ID": call.user_id[:15],
        "USER_NAME": call.user_name,
        "SOURCE_IP": call.address,
        "CLIENT_IP": call.address,
        "LOGIN_STATUS": _OK,
        "REQUEST_STATUS": "Success",
        "LOGIN_TYPE": "i",
        "TLS_PROTOCOL": "TLSv1.3",
    }


def _login(org: Org, login: Record, number: int) -> Cells:
    user = org.record("User", str(login["UserId"])) or {}
    fine = login["Status"] == "Success"
    return {
        "REQUEST_ID": f"4{number:0>21}",
        "USER_ID": str(login["UserId"])[:15],
        "USER_NAME": str(user.get("Username", "")),
        "SOURCE_IP": str(login.get("SourceIp") or ""),
        "CLIENT_IP": str(login.get("SourceIp") or ""),
        "LOGIN_STATUS": _OK if fine else _REFUSED,
        "REQUEST_STATUS": "Success" if fine else "Failure",
        "LOGIN_TYPE": "i",
        "LOGIN_SUB_TYPE": str(login.get("LoginSubType") or ""),
        "LOGIN_URL": str(login.get("LoginUrl") or ""),
    }
