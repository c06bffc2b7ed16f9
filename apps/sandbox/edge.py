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
from starlette.types import Message, Receive, Scope, Send

from apps.sandbox.admin import PREFIX
from apps.sandbox.faults import ANSWERS, CUTS, Fault, Faults
from apps.sandbox.rest.bulk1.forms import OLDER_BULK, in_own_words
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
        fault = self._fault(call)
        if fault is not None and fault.fault == "hang":
            await asyncio.sleep(fault.seconds)
        if fault is not None and fault.fault == "drop":
            await _cut(receive)
            return
        if fault is not None and fault.fault in ANSWERS:
            answer = ANSWERS[fault.fault]()
            if call.path.startswith(OLDER_BULK):
                answer = in_own_words(call, answer)
        else:
            answer = self._answer(call)
        if fault is not None and fault.fault in CUTS:
            await _lose(answer, call, scope, receive, send, half=fault.fault == "answer_cut")
            return
        await _response(answer, call)(scope, receive, send)

    def _fault(self, call: Call) -> Fault | None:
        return None if call.path.startswith(self._unfaulted) else self._faults.next_for(call)

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

    def _answer(self, call: Call) -> Answer:
        try:
            return self._serve(call)
        except Exception:
            logger.exception("the sandbox failed on %s %s", call.method, call.path)
            body = [{"errorCode": "UNKNOWN_EXCEPTION", "message": "An unexpected error occurred."}]
            return Answer(status=500, body=body)


async def _cut(receive: Receive) -> None:
    """End the connection without a word."""
    cycle: Any = getattr(receive, "__self__", None)  # uvicorn's, the only way to its socket
    cycle.transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _lose(
    answer: Answer, call: Call, scope: Scope, receive: Receive, send: Send, *, half: bool
) -> None:
    """Cut the connection when the work is done: before the answer, or in the middle of it."""
    if half:
        sent = False

        async def send_half(message: Message) -> None:
            nonlocal sent
            body = message.get("body", b"")
            if message["type"] == "http.response.body" and not sent:
                sent = True
                await send({**message, "body": body[: len(body) // 2], "more_body": True})
            elif message["type"] == "http.response.start":
                await send(message)

        await _response(answer, call)(scope, receive, send_half)
        await asyncio.sleep(_PIECE_SECONDS)  # lets the half reach the wire
    await _cut(receive)


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
