"""What happens in the org now and then: made up, but at the same hours each time.

A file of these events exists only where one of them happened.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.sandbox.event_logs.calls import LoggedCall
from apps.sandbox.ids import base62
from apps.sandbox.org import Org, Record
from apps.sandbox.times import stamp

Cells = dict[str, str]
_WORKDAYS, _MONDAY, _SUNDAY = frozenset(range(5)), frozenset({0}), frozenset({6})


@dataclass(frozen=True, slots=True)
class _Hour:
    """An hour of some days of the week, UTC."""

    weekdays: frozenset[int]
    hour: int

    def is_it(self, at: datetime) -> bool:
        return at.hour == self.hour and at.weekday() in self.weekdays


_WHEN = {
    "API": _Hour(_MONDAY, 2),
    "BulkApi2": _Hour(_SUNDAY, 1),
    "Logout": _Hour(_WORKDAYS, 17),
    "ReportExport": _Hour(_WORKDAYS, 9),
    "ApexCallout": _Hour(_WORKDAYS, 10),
    "NamedCredential": _Hour(_WORKDAYS, 10),
}


def happens(event_type: str, start: datetime, *, hours: int) -> bool:
    """Whether something of this type was made up for these hours; common types always are."""
    when = _WHEN.get(event_type)
    if when is None:
        return True
    return any(when.is_it(start + timedelta(hours=each)) for each in range(hours))


def rare_calls(
    hour: datetime, *, app: tuple[str, str], user: Record, address: str
) -> Iterator[LoggedCall]:
    """Calls of an app by the other APIs: by SOAP, and a job of the bulk API."""
    if _WHEN["API"].is_it(hour):
        for number, method in enumerate(("getServerTimestamp", "describeSObjects", "query")):
            at = hour + timedelta(minutes=5, seconds=number)
            yield _call(at, app, user, address, family="SOAP", method="POST", resource=method)
    if _WHEN["BulkApi2"].is_it(hour):
        job = f"/v62.0/jobs/query/750Ma{base62(hour.toordinal()):0>10}AAA"
        at = hour + timedelta(minutes=20)
        yield _call(at, app, user, address, family="Bulk", method="GET", resource=job)


def _call(
    at: datetime,
    app: tuple[str, str],
    user: Record,
    address: str,
    *,
    family: str,
    method: str,
    resource: str,
) -> LoggedCall:
    app_name, app_id = app
    return LoggedCall(
        at=stamp(at),
        request_id=_request_id(at, app_name, resource),
        user_id=str(user["Id"]),
        user_name=str(user.get("Username", "")),
        app_id=app_id,
        app_name=app_name,
        address=address,
        method=method,
        resource=resource,
        version="62.0",
        entity="Account",
        status=200,
        rows=25,
        family=family,
    )


def rare_events(org: Org, event_type: str, hour: datetime) -> Iterator[tuple[datetime, Cells]]:
    """Rows of the types that tell of no call: when, and the cells that only they have."""
    if _WHEN[event_type].is_it(hour):
        for number, cells in enumerate(_EVENTS[event_type](org)):
            at = hour + timedelta(minutes=3 * number, seconds=7)
            yield at, {"REQUEST_ID": _request_id(at, event_type, str(number)), **cells}


def _request_id(at: datetime, *words: str) -> str:
    """22 characters, the same for the same event."""
    number = int(at.timestamp()) + sum(ord(char) << 40 for word in words for char in word)
    return f"4{base62(number):0>21}"


def _people(org: Org) -> list[Record]:
    """Those who work in a browser."""
    users = [user for user in org.records("User") if user.get("IsActive")]
    return [user for user in users if not str(user.get("Alias", "")).startswith("svc-")]


def _logouts(org: Org) -> Iterator[Cells]:
    for user in _people(org):
        yield {
            "USER_ID": str(user["Id"])[:15],
            "USER_TYPE": "Standard",
            "SESSION_TYPE": "UI",
            "SESSION_LEVEL": "1",
            "USER_INITIATED_LOGOUT": "1",
            "CLIENT_IP": "198.51.100.20",
        }


def _exports(org: Org) -> Iterator[Cells]:
    for user in _people(org)[:2]:
        yield {
            "USER_ID": str(user["Id"])[:15],
            "REPORT_DESCRIPTION": "Open cases by owner",
            "CLIENT_INFO": "Browser",
            "URI": "/00OMa0000000001MAA",
            "CLIENT_IP": "198.51.100.20",
        }


def _callouts(org: Org) -> Iterator[Cells]:
    for site in org.records("RemoteProxy"):
        yield {
            "TYPE": "REST",
            "METHOD": "POST",
            "SUCCESS": "1",
            "STATUS_CODE": "200",
            "URL": f'"{site["EndpointUrl"]}"',  # the platform writes it in quotes of its own
        }


def _credentials(org: Org) -> Iterator[Cells]:
    for credential in org.records("NamedCredential"):
        yield {"NAMED_CREDENTIAL_NAME": str(credential["DeveloperName"])}


_EVENTS: dict[str, Callable[[Org], Iterator[Cells]]] = {
    "Logout": _logouts,
    "ReportExport": _exports,
    "ApexCallout": _callouts,
    "NamedCredential": _credentials,
}
