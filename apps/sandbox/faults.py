"""Faults that a test or a drill switches on: for one request, for all, the n-th, a later page."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from apps.sandbox.errors import ApiError, OAuthError
from apps.sandbox.wire import Answer, Call

TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 - a path, not a secret
_HTML = "<html><head><title>Login</title></head><body><h1>Maintenance</h1></body></html>"
_DATA = "/services/data/v"
MOST_SECONDS = 3600


def _api(status: int, code: str, message: str) -> Callable[[], Answer]:
    body = ApiError(status, code, message).body()
    return lambda: Answer(status=status, body=body)


def _oauth(error: str, description: str) -> Callable[[], Answer]:
    body = OAuthError(error, description).body()
    return lambda: Answer(status=400, body=body)


def _html(status: int) -> Callable[[], Answer]:
    return lambda: Answer(status=status, body=_HTML, content_type="text/html; charset=UTF-8")


def _moved() -> Answer:
    where = "https://moved.my.salesforce.com/"
    return Answer(status=301, body="", content_type="text/html", headers={"Location": where})


ANSWERS: dict[str, Callable[[], Answer]] = {
    "session_expired": _api(401, "INVALID_SESSION_ID", "Session expired or invalid"),
    "session_expired_html": _html(401),
    "request_limit": _api(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    "concurrent_limit": _api(
        403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded"
    ),
    "server_unavailable": _api(503, "SERVER_UNAVAILABLE", "Server Unavailable"),
    "html_ok": _html(200),
    "maintenance": _html(503),
    "lock_row": _api(
        400,
        "UNABLE_TO_LOCK_ROW",
        "unable to obtain exclusive access to this record or 1 records: 500Ma00000000001AAA",
    ),
    "validation": _api(
        400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "The matter is on legal hold; it stays as it is."
    ),
    "insufficient_access": _api(
        403, "INSUFFICIENT_ACCESS", "insufficient access rights on object id"
    ),
    "api_disabled": _api(
        403, "API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization"
    ),
    "moved": _moved,
    "not_bulkable": _api(400, "INVALIDENTITY", "Entity 'User' is not supported by the Bulk API."),
    "page_lost": _api(400, "INVALID_QUERY_LOCATOR", "invalid query locator"),
    "token_expired": _oauth("invalid_grant", "expired access/refresh token"),
    "token_user_not_approved": _oauth("invalid_grant", "user hasn't approved this consumer"),
    "token_audience": _oauth("invalid_grant", "Audience validation failed"),
    "token_app_access": _oauth(
        "invalid_app_access", "user is not admin approved to access this app"
    ),
    "token_inactive_user": _oauth("inactive_user", "user is inactive"),
    "token_inactive_org": _oauth("inactive_org", "org is inactive"),
    "token_ip_restricted": _oauth("invalid_grant", "ip restricted"),
    "token_second_factor": _oauth("invalid_grant", "multi-factor authentication required"),
    "token_single_sign_on": _oauth("invalid_grant", "identity provider is not available"),
    "token_rate_limited": _oauth("invalid_grant", "login rate exceeded"),
    "token_invalid_client": _oauth("invalid_client", "invalid client credentials"),
}
CUTS = frozenset({"drop", "answer_lost", "answer_cut"})
BEHAVIOURS = CUTS | {"hang"}
INSIDE = frozenset({  # struck where the work is done
    "delete_ignored", "fail_bulk_job", "lock_bulk_row", "lock_collection_row", "truncated_tokens",
    "token_other_instance", "token_stale",
})  # fmt: skip
WHEN = frozenset({"once", "always", "nth", "mid_page"})
KNOWN = frozenset(ANSWERS) | BEHAVIOURS | INSIDE


@dataclass(kw_only=True)
class Fault:
    """`n` counts the matching requests from 1; `seconds` is how long a hang lasts.

    `mid_page` counts only requests for a later page of something longer."""

    fault: str
    when: str = "once"
    n: int = 1
    path: str = ""
    method: str = ""
    seconds: float = 30.0
    seen: int = 0
    spent: bool = False

    def matches(self, call: Call) -> bool:
        if self.fault.startswith("token_") and not call.path.startswith(TOKEN_PATH):
            return False
        if self.method and call.method != self.method:
            return False
        if (self.fault == "page_lost" or self.when == "mid_page") and not is_later_page(call):
            return False
        return call.path.startswith(self.path) or _within_version(call.path).startswith(self.path)

    def strikes(self) -> bool:
        """Count a matching request and tell whether this is one that fails."""
        self.seen += 1
        if self.when == "always":
            return True
        due = 1 if self.when == "once" else self.n
        self.spent = self.seen >= due
        return self.seen == due

    def describe(self) -> dict[str, Any]:
        return {key: getattr(self, key) for key in ("fault", "when", "n", "path", "method", "seen")}


@dataclass
class Faults:
    """The faults switched on, in the order of their switching."""

    active: list[Fault] = field(default_factory=list)

    def add(self, wanted: dict[str, Any]) -> Fault:
        """Switch a fault on. Raises ValueError naming what is wrong with the request."""
        name, when = str(wanted.get("fault", "")), str(wanted.get("when", "once"))
        if name not in KNOWN:
            known = ", ".join(sorted(KNOWN))
            raise ValueError(f"fault: {name!r} is not known; it is one of {known}")
        if when not in WHEN:
            raise ValueError("when: must be once, always, nth or mid_page")
        fault = Fault(
            fault=name,
            when=when,
            n=int(wanted.get("n", 1)),
            path=str(wanted.get("path") or ""),
            method=str(wanted.get("method") or "").upper(),
            seconds=float(wanted.get("seconds", 30.0)),
        )
        if fault.n < 1 or not 0 <= fault.seconds <= MOST_SECONDS:
            raise ValueError(f"n: must be 1 or more; seconds: 0 to {MOST_SECONDS}")
        self.active.append(fault)
        return fault

    def clear(self) -> None:
        self.active.clear()

    def next_for(self, call: Call) -> Fault | None:
        """The fault that strikes this request, if any; a spent one is forgotten."""
        return self._next(call, lambda fault: fault.fault not in INSIDE)

    def strikes_inside(self, name: str, call: Call) -> bool:
        """Whether one of the faults `INSIDE` strikes now, where the work is done."""
        return self._next(call, lambda fault: fault.fault == name) is not None

    def _next(self, call: Call, wanted: Callable[[Fault], bool]) -> Fault | None:
        for fault in self.active:
            if wanted(fault) and fault.matches(call) and fault.strikes():
                self.active[:] = [each for each in self.active if not each.spent]
                return fault
        return None


def is_later_page(call: Call) -> bool:
    """Whether a request goes on with what an earlier one began to list."""
    locator, page = call.query.get("locator", "null"), call.query.get("page", "0")
    return "/query/01g" in call.path or locator not in {"", "null"} or page not in {"", "0"}


def _within_version(path: str) -> str:
    """The path after `/services/data/vXX.0`, so that a prefix need not name the version."""
    if not path.startswith(_DATA):
        return path
    return "/" + path[len(_DATA) :].partition("/")[2]
