"""Between HTTP and the org: reading requests, striking faults, writing answers."""

import asyncio
import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from apps.sandbox.admin import PREFIX
from apps.sandbox.faults import ANSWERS, Fault, Faults
from apps.sandbox.wire import JSON_TYPE, Answer, Call, render_json

logger = logging.getLogger(__name__)
_HEADERS = {
    "Cache-Control": "no-cache,must-revalidate,max-age=0,no-store,private",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "none",
    "Vary": "Accept-Encoding",
}
_PIECE_SECONDS = 0.005
Serve = Callable[[Call], Answer]


class Edge:
    """An ASGI application around a function from Call to Answer."""

    def __init__(
        self,
        serve: Serve,
        *,
        faults: Faults,
        clock: Callable[[datetime], datetime],
        unfaulted: str = PREFIX,
    ) -> None:
        self._serve = serve
        self._faults = faults
        self._clock = clock
        self._unfaulted = unfaulted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError(scope["type"])
        try:
            call = await self._read(scope, receive)
        except ClientDisconnect:
            return
        answer = await self._answer(call, receive)
        if answer is not None:
            await _response(answer, call)(scope, receive, send)

    async def _read(self, scope: Scope, receive: Receive) -> Call:
        request = Request(scope, receive)
        path = re.sub(r"/{2,}", "/", scope["raw_path"].decode("latin-1")).rstrip("/")
        query = scope["query_string"].decode("utf-8", "replace")
        return Call(
            method=request.method,
            path=path or "/",
            now=self._clock(datetime.now(UTC)),
            query=dict(parse_qsl(query, keep_blank_values=True)),
            headers=dict(request.headers),
            body=await request.body(),
            client_ip=request.client.host if request.client else "",
        )

    async def _answer(self, call: Call, receive: Receive) -> Answer | None:
        """The answer, or None when a fault has cut the connection."""
        if not call.path.startswith(self._unfaulted):
            fault = self._faults.next_for(call.path)
            if fault is not None and fault.fault in ANSWERS:
                return ANSWERS[fault.fault]()
            if fault is not None and await _misbehave(fault, receive):
                return None
        try:
            return self._serve(call)
        except Exception:
            logger.exception("the sandbox failed on %s %s", call.method, call.path)
            body = [{"errorCode": "UNKNOWN_EXCEPTION", "message": "An unexpected error occurred."}]
            return Answer(status=500, body=body)


async def _misbehave(fault: Fault, receive: Receive) -> bool:
    """Hang, or cut the connection; true when there is nobody left to answer."""
    if fault.fault == "hang":
        await asyncio.sleep(fault.seconds)
        return False
    cycle: Any = getattr(receive, "__self__", None)  # uvicorn's, the only way to its socket
    cycle.transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
    return True


def _response(answer: Answer, call: Call) -> Response:
    headers = _HEADERS | dict(answer.headers)
    request_id = call.headers.get("x-sfdc-request-id")
    if request_id:
        headers["X-SFDC-REQUEST-ID"] = request_id
    if answer.status == 204:
        return Response(status_code=204, headers=headers)
    headers["Content-Type"] = answer.content_type
    if isinstance(answer.body, tuple):
        return StreamingResponse(_pieces(answer.body), answer.status, headers)
    if answer.content_type != JSON_TYPE:
        return Response(answer.body, answer.status, headers)
    pretty = call.headers.get("x-prettyprint") in {"1", "true"}
    text = render_json(answer.body, pretty=pretty)
    return Response(text.encode("utf-8", "replace"), answer.status, headers)


async def _pieces(pieces: tuple[str, ...]) -> Any:
    for piece in pieces:
        yield piece
        await asyncio.sleep(_PIECE_SECONDS)
