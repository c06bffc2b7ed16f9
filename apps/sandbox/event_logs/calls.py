"""Every API call that reached the org, noted as it happens. Of a composite only the parent."""

import re
from dataclasses import asdict, dataclass
from typing import Any

from apps.sandbox.ids import base62
from apps.sandbox.oauth.consumers import find_consumer
from apps.sandbox.oauth.tokens import Session
from apps.sandbox.org import Org
from apps.sandbox.times import stamp
from apps.sandbox.wire import Answer, Call

BUCKET = "call_log"
_REST, _ASYNC = "/services/data/v", "/services/async/"
_FROM = re.compile(r"\bFROM\s+(\w+)", re.IGNORECASE)
_SOBJECT = re.compile(r"/sobjects/(\w+)")


@dataclass(frozen=True, kw_only=True)
class LoggedCall:
    """One call as a log row tells of it. `at` is a datetime of the REST API's form."""

    at: str
    request_id: str
    user_id: str
    user_name: str
    app_id: str
    app_name: str
    address: str
    method: str
    resource: str
    version: str
    entity: str
    status: int
    rows: int
    family: str = "REST"


def note_call(org: Org, session: Session, call: Call, answer: Answer) -> None:
    """Keep one call for the log."""
    number = org.store.add("id", BUCKET, 1)
    consumer = find_consumer(org, session.consumer_key)
    family = "REST" if call.path.startswith(_REST) else "Bulk"
    version, _, resource = call.path.removeprefix(_REST).removeprefix(_ASYNC).partition("/")
    noted = LoggedCall(
        at=stamp(call.now),
        request_id=call.headers.get("x-sfdc-request-id") or f"4{base62(number):0>21}",
        user_id=session.user_id,
        user_name=str(session.user.get("Username", "")),
        app_id=consumer.app_id if consumer else "",
        app_name=session.app_name,
        address=call.client_ip,
        method=call.method,
        resource=f"/v{version}/{resource}",
        version=version,
        entity=_entity(call),
        status=answer.status,
        rows=_rows(answer.body),
        family=family,
    )
    org.store.put(BUCKET, str(number), asdict(noted))


def calls_between(org: Org, start: str, end: str) -> list[LoggedCall]:
    """Calls from `start` (included) to `end` (not), both in the REST API's form."""
    rows: list[dict[str, Any]] = org.store.all(BUCKET)
    return [LoggedCall(**row) for row in rows if start <= row["at"] < end]


def _entity(call: Call) -> str:
    named = _SOBJECT.search(call.path) or _FROM.search(call.query.get("q", ""))
    return named[1] if named else ""


def _rows(body: Any) -> int:
    if isinstance(body, dict) and isinstance(body.get("records"), list):
        return len(body["records"])
    return 1 if body else 0
