"""The one way out to an org: its validated host, over verified TLS, in bounded time.

`trust_env` is off because requests otherwise lets REQUESTS_CA_BUNDLE override `verify` and takes
passwords from ~/.netrc in place of our Authorization header.
"""

import re
import time
import uuid
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from django.conf import settings

from apps.common.trust import Trusting
from apps.crm.client.reaching import Reach, pool_for
from apps.crm.errors import (
    AnswerTooLarge,
    CrmError,
    HostChanged,
    NoAnswer,
    NotTrusted,
    Unreachable,
)

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
WHOLE_SECONDS = 120.0
CHUNK = 65_536
MOST_BYTES = 32_000_000  # the largest pages of queries stay well below
API_PATH = "/services/data/"  # what counts against the allowance; signing in does not
REQUEST_ID = "X-SFDC-REQUEST-ID"
FIRST_IDS, MOST_IDS = 4, 256  # announced at once
Announce = Callable[[list[str]], None]
_USAGE = re.compile(r"(?<![\w-])api-usage=(\d+)/(\d+)")


class Sink(Protocol):
    """Takes a body in as it comes, instead of holding it whole."""

    def write(self, data: bytes, /) -> object: ...


class Download(Sink, Protocol):
    """Where a download goes that may begin anew."""

    def restart(self) -> None: ...


@dataclass
class Slip:
    """What one request brought: API requests (used, allowed) as the org told with its answer."""

    usage: tuple[int, int] | None = None


class Passes(Protocol):
    """Lets API requests through one by one; raises `CrmError` for those that it does not."""

    def passing(self) -> AbstractContextManager[Slip]: ...


class RequestIds:
    """The ids of a session's requests. `announce` hears of each before it is used, a few at a time
    and ever more of them, so that whoever dies with a request on its way has said so before."""

    def __init__(self, announce: Announce | None = None) -> None:
        self.sent: list[str] = []
        self._announce = announce
        self._ready: deque[str] = deque()
        self._size = FIRST_IDS

    def take(self) -> str:
        """An id for the request that is sent now. Whatever `announce` raises ends the request."""
        if not self._ready:
            fresh = [uuid.uuid4().hex for _ in range(self._size)]
            if self._announce is not None:
                self._announce(fresh)
            self._ready.extend(fresh)
            self._size = min(self._size * 4, MOST_IDS)
        self.sent.append(self._ready.popleft())
        return self.sent[-1]


class OrgSession(requests.Session):
    """A requests session bound to one host. Every call has a timeout and follows no redirect.

    `request(…, sink=…, most_bytes=…)` hands the body of a good answer to a `Sink`.

    Raises `CrmError` for what happens below HTTP. `request_ids` and `usage` (used, allowed) tell
    what was sent and what the org said last about its API allowance.
    """

    def __init__(
        self,
        host: str,
        *,
        gate: Passes | None = None,
        announce: Announce | None = None,
        reach: Reach = "public",
    ) -> None:
        super().__init__()
        self.host = host
        self._gate = gate
        self._ids = RequestIds(announce)
        self.usage: tuple[int, int] | None = None
        self.trust_env = False
        self.mount("https://", _Verified(reach))

    @property
    def request_ids(self) -> list[str]:
        """Of every request sent so far, in order."""
        return self._ids.sent

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        require_same_host(str(url), host=self.host)
        if self._gate is None or API_PATH not in str(url):
            return self._send(method, url, Slip(), *args, **kwargs)
        with self._gate.passing() as slip:
            return self._send(method, url, slip, *args, **kwargs)

    def _send(
        self, method: Any, url: Any, slip: Slip, *args: Any, **kwargs: Any
    ) -> requests.Response:
        kwargs["timeout"] = (CONNECT_SECONDS, READ_SECONDS)
        kwargs["allow_redirects"] = False
        kwargs["stream"] = True
        sink, most_bytes = kwargs.pop("sink", None), kwargs.pop("most_bytes", MOST_BYTES)
        kwargs["headers"] = {**(kwargs.get("headers") or {}), REQUEST_ID: self._ids.take()}
        try:
            answer = super().request(method, url, *args, **kwargs)
            self._take_in(answer, sink=sink if answer.ok else None, most_bytes=most_bytes)
        except requests.RequestException as failure:
            raise _below_http(failure, host=self.host) from None  # its text may hold the address
        slip.usage = self._note_usage(answer)
        if answer.is_redirect:
            raise HostChanged(
                f"{self.host} answered with a redirect, which the console never follows. Check"
                " that the host is the org's current My Domain."
            )
        return answer

    def _take_in(self, answer: requests.Response, *, sink: Sink | None, most_bytes: int) -> None:
        """Read the body, within bounds: an org, or who poses as one, may send without end."""
        ends, content, size = time.monotonic() + WHOLE_SECONDS, bytearray(), 0
        take = sink.write if sink else content.extend
        with answer:
            for chunk in answer.iter_content(CHUNK):
                size += len(chunk)
                take(chunk)
                if size > most_bytes:
                    raise AnswerTooLarge(f"{self.host} answered with more than can be taken in.")
                if time.monotonic() > ends:
                    raise NoAnswer(f"{self.host} took too long to finish its answer.")
        answer._content = bytes(content)

    def _note_usage(self, answer: requests.Response) -> tuple[int, int] | None:
        found = _USAGE.search(answer.headers.get("Sforce-Limit-Info", ""))
        if not found:
            return None
        self.usage = (int(found[1]), int(found[2]))
        return self.usage


def require_same_host(url: str, *, host: str) -> None:
    """Raise `HostChanged` unless the address is https on the connection's own host."""
    parts = urlsplit(url)
    found = parts.netloc.lower().removesuffix(":443")
    if parts.scheme != "https" or found != host.removesuffix(":443"):
        raise HostChanged(
            f"The org's answer points away from {host}. Nothing was sent there. If the org's My"
            " Domain was renamed, connect it again under its new host."
        )


class _Verified(Trusting):
    """Certificates are checked as everywhere, addresses against the org's path."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        super().__init__(settings.EXTRA_CA_FILE)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"https": pool_for(self._reach)}


def _below_http(failure: requests.RequestException, *, host: str) -> CrmError:
    if isinstance(failure, requests.exceptions.SSLError):
        return NotTrusted(
            f"The certificate of {host} is not trusted. Check the host, and whether a proxy on the"
            " way replaces certificates (its CA belongs into BAILIWICK_EXTRA_CA)."
        )
    if isinstance(failure, requests.exceptions.ConnectTimeout):
        return Unreachable(f"{host} could not be reached within {CONNECT_SECONDS:.0f} seconds.")
    if isinstance(failure, requests.exceptions.Timeout):
        return NoAnswer(f"{host} gave no answer within {READ_SECONDS:.0f} seconds.")
    if _never_sent(failure):
        return Unreachable(f"{host} could not be reached. Check the host and the network.")
    return NoAnswer(f"The line to {host} broke before the answer was complete.")


def _never_sent(failure: requests.RequestException) -> bool:
    """Whether the connection was never made, so that the org cannot have acted."""
    reason = getattr(failure.args[0], "reason", None) if failure.args else None
    return type(reason).__name__ in {"NewConnectionError", "NameResolutionError"}
