"""One org, open for calls. The only user of simple-salesforce.

What simple-salesforce lacks is added here: typed errors, at most one new sign-in per call, repeats
with full jitter and only where repeating is safe. Its own sign-in is not used.
"""

import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from requests import Response
from simple_salesforce import exceptions
from simple_salesforce.api import Salesforce

from apps.crm import errors
from apps.crm.client import oauth
from apps.crm.client.answers import error_from
from apps.crm.client.reaching import Reach
from apps.crm.client.soql import checked_id, checked_name
from apps.crm.client.transport import Announce, Download, OrgSession, Passes

API_VERSION = "62.0"
ATTEMPTS = 4
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.25, 8.0
_NEXT = re.compile(r"(?:tooling/)?query/[^/?#]+")
_jitter = secrets.SystemRandom()

Repeats = tuple[type[errors.CrmError], ...]
# Reading twice does no harm. A locked row means that nothing was written, so a change of a known
# record may be sent again; a create may not, whatever happened (it could exist twice).
READ: Repeats = (
    errors.OrgUnavailable,
    errors.NotJson,
    errors.RowLocked,
    errors.ConcurrencyReached,
)
CHANGE: Repeats = (errors.RowLocked,)
CREATE: Repeats = ()


class Org:
    """Calls to one org. Every method raises `CrmError`; see `apps.crm.errors` for its kinds."""

    def __init__(
        self,
        *,
        host: str,
        token: str,
        renew: Callable[[str], str],
        gate: Passes | None = None,
        announce: Announce | None = None,
        reach: Reach = "public",
    ) -> None:
        self.host = host
        self._session = OrgSession(host, gate=gate, announce=announce, reach=reach)
        self._token = token
        self._renew = renew
        self.failure: errors.CrmError | None = None  # of the last call, whoever caught it
        self._salesforce = self._opened()

    @property
    def request_ids(self) -> list[str]:
        """The X-SFDC-REQUEST-ID of every call so far, in order; event logs carry them too."""
        return self._session.request_ids

    @property
    def usage(self) -> tuple[int, int] | None:
        """API requests (used, allowed) of the last 24 hours as the org said last."""
        return self._session.usage

    def query(self, soql: str) -> Iterator[dict[str, Any]]:
        """Every record of a SOQL query, following pages."""
        return self._pages("query/", soql)

    def tooling_query(self, soql: str) -> Iterator[dict[str, Any]]:
        """Every record of a query about metadata, by the Tooling API."""
        return self._pages("tooling/query/", soql)

    def counted(self, soql: str) -> tuple[int, Iterator[dict[str, Any]]]:
        """How many records the org says a query has, and the records, following pages."""
        page = self._page("query/", {"q": soql})
        if not isinstance(page.get("totalSize"), int):
            raise errors.NotJson(f"{self.host} answered a query with no count.")
        return page["totalSize"], self._from(page)

    def count(self, soql: str) -> int:
        """The number that a `SELECT COUNT() FROM …` gives."""
        return int(self._page("query/", {"q": soql})["totalSize"])

    def fields_of(self, object_name: str) -> dict[str, str]:
        """The fields that the console's user may see on an object: API name and type."""
        path = f"sobjects/{checked_name(object_name)}/describe"
        told = self._call("GET", path, READ)
        rows = told.get("fields") if isinstance(told, dict) else None
        if not isinstance(rows, list):
            raise errors.NotJson(f"{self.host} described an object with no fields.")
        return {str(row["name"]): str(row.get("type", "")) for row in rows}

    def read(
        self, object_name: str, record_id: str, fields: Sequence[str]
    ) -> dict[str, Any] | None:
        """These fields of one record; None when there is no such record to see."""
        wanted = {"fields": ",".join(checked_name(field) for field in fields)}
        try:
            found = self._call("GET", _record(object_name, record_id), READ, params=wanted)
        except errors.RecordMissing:
            return None
        return found if isinstance(found, dict) else None

    def create(self, object_name: str, values: Mapping[str, Any]) -> str:
        """Create a record and return its id. Never sent twice by itself."""
        path = f"sobjects/{checked_name(object_name)}"
        answer = self._call("POST", path, CREATE, body=values)
        if not isinstance(answer, dict) or not answer.get("success") or not answer.get("id"):
            raise error_from(400, (answer or {}).get("errors"), host=self.host)
        return str(answer["id"])

    def update(self, object_name: str, record_id: str, values: Mapping[str, Any]) -> None:
        """Change fields of one record."""
        self._call("PATCH", _record(object_name, record_id), CHANGE, body=values)

    def delete(self, object_name: str, record_id: str) -> None:
        """Delete one record."""
        self._call("DELETE", _record(object_name, record_id), CHANGE)

    def revoke_token(self, delete_token: str) -> None:
        """End the OAuth token with this DeleteToken. `RecordMissing` when it has ended already."""
        oauth.revoke(delete_token, session=self._session)

    def publish(self, event_name: str, values: Mapping[str, Any]) -> str:
        """Publish a platform event (`…__e`) and return its id."""
        if not event_name.endswith("__e"):
            raise ValueError(f"{event_name[:90]!r} is no platform event: their names end in __e")
        return self.create(event_name, values)

    def download(self, path: str, *, into: Download, most_bytes: int) -> None:
        """Take in what is no JSON, as it comes; begun anew when an answer breaks off.

        `AnswerTooLarge` beyond `most_bytes`.
        """
        address = f"{self._salesforce.base_url}{path}"

        def once() -> None:
            into.restart()
            sent = {"Authorization": f"Bearer {self._token}"}
            answer = self._session.request(
                "GET", address, headers=sent, sink=into, most_bytes=most_bytes
            )
            if not answer.ok:
                raise error_from(answer.status_code, _json_of(answer), host=self.host)

        self._repeated(once, READ, is_read=True)

    def read_csv(self, path: str, *, params: Mapping[str, str]) -> Response:
        """A page of CSV, signed in again when the session ends in the middle."""
        address = f"{self._salesforce.base_url}{path}"

        def once() -> Response:
            sent = {"Authorization": f"Bearer {self._token}", "Accept": "text/csv"}
            answer = self._session.request("GET", address, headers=sent, params=dict(params))
            if not answer.ok:
                raise error_from(answer.status_code, _json_of(answer), host=self.host)
            return answer

        answer: Response = self._repeated(once, READ, is_read=True)
        return answer

    def ask(
        self,
        method: str,
        path: str,
        repeats: Repeats,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        """One call of JSON, for the modules beside this one; `repeats` says what is safe."""
        return self._call(method, path, repeats, params=params, body=body)

    def close(self) -> None:
        """Close the connections. The token stays valid for others."""
        self._session.close()

    def _page(self, path: str, params: Mapping[str, str] | None) -> dict[str, Any]:
        page = self._call("GET", path, READ, params=params)
        if not isinstance(page, dict) or not isinstance(page.get("records"), list):
            raise errors.NotJson(f"{self.host} answered a query with no records.")
        return page

    def _pages(self, path: str, soql: str) -> Iterator[dict[str, Any]]:
        yield from self._from(self._page(path, {"q": soql}))

    def _from(self, page: dict[str, Any]) -> Iterator[dict[str, Any]]:
        while True:
            yield from page["records"]
            if page.get("done", True):
                return
            page = self._page(self._next(page), None)

    def _next(self, page: Mapping[str, Any]) -> str:
        """The address of the next page; a page of the Tooling API is followed by one of its own."""
        base = f"/services/data/v{API_VERSION}/"
        found = _NEXT.fullmatch(str(page.get("nextRecordsUrl", "")).removeprefix(base))
        if found is None:
            raise errors.NotJson(f"{self.host} named a next page that is none.")
        return found.group()

    def _call(
        self,
        method: str,
        path: str,
        repeats: Repeats,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        def once() -> Any:
            return self._once(method, path, params=params, body=body)

        return self._repeated(once, repeats, is_read=method == "GET")

    def _repeated(self, once: Callable[[], Any], repeats: Repeats, *, is_read: bool) -> Any:
        try:
            answer = self._tried(once, repeats, is_read=is_read)
        except errors.CrmError as error:
            self.failure = error
            raise
        self.failure = None
        return answer

    def _tried(self, once: Callable[[], Any], repeats: Repeats, *, is_read: bool) -> Any:
        signed_in_again, attempt = False, 1
        while True:
            try:
                return once()
            except errors.SessionExpired:
                if signed_in_again:
                    raise
                self._sign_in_again()
                signed_in_again = True
            except errors.CrmError as error:
                error.outcome_unknown = not is_read and errors.is_unsure(error)
                if attempt >= ATTEMPTS or not isinstance(error, repeats):
                    raise
                _pause(attempt)
                attempt += 1

    def _once(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None,
        body: Mapping[str, Any] | None,
    ) -> Any:
        sent = {"json": dict(body)} if body is not None else {}
        try:
            asked = dict(params) if params is not None else None
            return self._salesforce.restful(path, params=asked, method=method, **sent)
        except exceptions.SalesforceError as refused:
            raise error_from(refused.status, refused.content, host=self.host) from None
        except (
            ValueError,
            TypeError,
            RecursionError,
        ):  # simple-salesforce parses bodies without a look
            raise errors.NotJson(f"{self.host} answered with a page instead of data.") from None

    def _sign_in_again(self) -> None:
        self._token = self._renew(self._token)
        self._salesforce = self._opened()

    def _opened(self) -> Salesforce:
        return Salesforce(
            instance=self.host,
            session_id=self._token,
            session=self._session,
            version=API_VERSION,
        )


def _json_of(answer: Response) -> Any:
    try:
        return answer.json()
    except (ValueError, RecursionError):
        return None


def _record(object_name: str, record_id: str) -> str:
    return f"sobjects/{checked_name(object_name)}/{checked_id(record_id)}"


def _pause(attempt: int) -> None:
    longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**attempt)
    time.sleep(_jitter.uniform(0, longest))
