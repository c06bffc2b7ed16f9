"""Where the older bulk API hangs, and who may call it."""

import re
from collections.abc import Callable

from apps.sandbox.errors import ApiError
from apps.sandbox.event_logs.calls import note_call
from apps.sandbox.oauth.tokens import Session, session_of_header
from apps.sandbox.org import Org
from apps.sandbox.rest import limits
from apps.sandbox.rest.bulk1 import batches, forms, jobs
from apps.sandbox.rest.context import Context
from apps.sandbox.rest.versions import NEWEST, OLDEST
from apps.sandbox.wire import Answer, Call

Handler = Callable[..., Answer]
_PATH = re.compile(r"(/services/async/(\d+)\.0)(/.*)?")
_TABLE: tuple[tuple[str, dict[str, Handler]], ...] = (
    ("/job", {"POST": jobs.create}),
    ("/job/([^/]+)", {"GET": jobs.look, "POST": jobs.change}),
    ("/job/([^/]+)/batch", {"GET": batches.every, "POST": batches.add}),
    ("/job/([^/]+)/batch/([^/]+)", {"GET": batches.look}),
    ("/job/([^/]+)/batch/([^/]+)/request", {"GET": batches.request}),
    ("/job/([^/]+)/batch/([^/]+)/result", {"GET": batches.result}),
    ("/job/([^/]+)/batch/([^/]+)/result/([^/]+)", {"GET": batches.result_part}),
)
_ROUTES = tuple((re.compile(pattern), methods) for pattern, methods in _TABLE)


def serve_async(org: Org, call: Call) -> Answer | None:
    """Answer a request of the older bulk API, or None when the path is not of it."""
    match = _PATH.fullmatch(call.path)
    if match is None:
        return None
    try:
        if not OLDEST <= int(match[2]) <= NEWEST:
            raise ApiError(400, "InvalidVersion", f"Api version {match[2]}.0 is not supported")
        session = _session(org, call)
        limits.check_allowance(org, call.now)
        limits.count_call(org, call.now)
        org.counts["api_calls"] += 1
        context = Context(org=org, session=session, call=call, base=match[1])
        answer = _told(context, match[3] or "")
        note_call(org, session, call, answer)
        return answer
    except ApiError as error:
        return forms.refusal(forms.form_of(call), error)


def _session(org: Org, call: Call) -> Session:
    """The session named by X-SFDC-Session, or by an Authorization header.

    Raises ApiError InvalidSessionId."""
    own = call.headers.get("x-sfdc-session", "")
    header = f"Bearer {own}" if own else call.headers.get("authorization", "")
    try:
        return session_of_header(org, header, now=call.now)
    except ApiError as error:
        raise ApiError(400, "InvalidSessionId", "Invalid session id") from error


def _told(context: Context, tail: str) -> Answer:
    try:
        return _answer(context, tail)
    except ApiError as error:
        return forms.refusal(forms.form_of(context.call), error)


def _answer(context: Context, tail: str) -> Answer:
    for pattern, methods in _ROUTES:
        match = pattern.fullmatch(tail)
        if match is not None and (handler := methods.get(context.call.method)):
            return handler(context, *match.groups())
    raise ApiError(404, "InvalidUrl", "There is nothing at this path")
