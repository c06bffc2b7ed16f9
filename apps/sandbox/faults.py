"""Faults that a test or a drill switches on, one request, every request or the n-th."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from apps.sandbox.errors import ApiError, OAuthError
from apps.sandbox.wire import Answer

TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 - a path, not a secret
_HTML = "<html><head><title>Login</title></head><body><h1>Maintenance</h1></body></html>"
_DATA = "/services/data/v"


def _api(status: int, code: str, message: str) -> Callable[[], Answer]:
    body = ApiError(status, code, message).body()
    return lambda: Answer(status=status, body=body)


def _oauth(error: str, description: str) -> Callable[[], Answer]:
    body = OAuthError(error, description).body()
    return lambda: Answer(status=400, body=body)


def _html(status: int) -> Callable[[], Answer]:
    return lambda: Answer(status=status, body=_HTML, content_type="text/html; charset=UTF-8")


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
BEHAVIOURS = frozenset({"hang", "drop", "truncated_tokens", "lock_bulk_row"})
_INSIDE = frozenset({"truncated_tokens", "lock_bulk_row"})  # struck where the work is done
WHEN = frozenset({"once", "always", "nth"})


@dataclass(kw_only=True)
class Fault:
    """`n` counts the matching requests from 1; `seconds` is how long a hang lasts."""

    fault: str
    when: str = "once"
    n: int = 1
    path: str = ""
    seconds: float = 30.0
    seen: int = 0
    spent: bool = False

    def matches(self, path: str) -> bool:
        if self.fault.startswith("token_") and not path.startswith(TOKEN_PATH):
            return False
        if self.fault == "page_lost" and "/query/01g" not in path:
            return False
        return path.startswith(self.path) or _within_version(path).startswith(self.path)

    def strikes(self) -> bool:
        """Count a matching request and tell whether this is one that fails."""
        self.seen += 1
        if self.when == "always":
            return True
        due = 1 if self.when == "once" else self.n
        self.spent = self.seen >= due
        return self.seen == due

    def describe(self) -> dict[str, Any]:
        return {key: getattr(self, key) for key in ("fault", "when", "n", "path", "seen")}


@dataclass
class Faults:
    """The faults switched on, in the order of their switching."""

    active: list[Fault] = field(default_factory=list)

    def add(self, wanted: dict[str, Any]) -> Fault:
        """Switch a fault on. Raises ValueError naming what is wrong with the request."""
        name, when = str(wanted.get("fault", "")), str(wanted.get("when", "once"))
        if name not in ANSWERS and name not in BEHAVIOURS:
            known = ", ".join(sorted([*ANSWERS, *BEHAVIOURS]))
            raise ValueError(f"fault: {name!r} is not known; it is one of {known}")
        if when not in WHEN:
            raise ValueError("when: must be once, always or nth")
        fault = Fault(
            fault=name,
            when=when,
            n=int(wanted.get("n", 1)),
            path=str(wanted.get("path") or ""),
            seconds=float(wanted.get("seconds", 30.0)),
        )
        self.active.append(fault)
        return fault

    def clear(self) -> None:
        self.active.clear()

    def next_for(self, path: str) -> Fault | None:
        """The fault that strikes this request, if any; a spent one is forgotten."""
        for fault in self.active:
            if fault.fault not in _INSIDE and fault.matches(path) and fault.strikes():
                self._forget_spent()
                return fault
        return None

    def truncates_tokens(self, path: str) -> bool:
        """Whether this token listing silently loses its second half."""
        return self._strikes_inside("truncated_tokens", path)

    def locks_bulk_row(self) -> bool:
        """Whether this row of a bulk job is locked by somebody."""
        return self._strikes_inside("lock_bulk_row", "")

    def _strikes_inside(self, name: str, path: str) -> bool:
        for fault in self.active:
            if fault.fault == name and (not path or fault.matches(path)) and fault.strikes():
                self._forget_spent()
                return True
        return False

    def _forget_spent(self) -> None:
        self.active[:] = [fault for fault in self.active if not fault.spent]


def _within_version(path: str) -> str:
    """The path after `/services/data/vXX.0`, so that a prefix need not name the version."""
    if not path.startswith(_DATA):
        return path
    return "/" + path[len(_DATA) :].partition("/")[2]
