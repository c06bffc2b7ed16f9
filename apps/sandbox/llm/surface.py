"""An OpenAI-compatible endpoint in front of the stand-in model."""

import hashlib
import hmac
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from apps.sandbox.admin import PREFIX, problem, refused, serve_faults
from apps.sandbox.errors import ApiError
from apps.sandbox.faults import Faults
from apps.sandbox.llm.answer import count_tokens, cut, summarise, text_of
from apps.sandbox.wire import Answer, Call

MODELS = ("sandbox-summariser", "sandbox-summariser-large")
_CREATED = 1767225600  # 2026-01-01
_REMEMBERED = 2000


@dataclass(kw_only=True)
class Endpoint:
    """One model server. It remembers its latest requests, for tests to look at."""

    api_key: str
    admin_key: str
    faults: Faults = field(default_factory=Faults)
    count: int = 0
    latest: deque[dict[str, str]] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def serve(self, call: Call) -> Answer:
        """Answer one call to this endpoint."""
        if call.path.startswith(PREFIX):
            return self._own(call)
        self._remember(call)
        if not self._has_key(call):
            return _error(401, "Incorrect API key provided.", "invalid_api_key")
        if call.path == "/v1/models" and call.method == "GET":
            return Answer(body={"object": "list", "data": [_model(name) for name in MODELS]})
        if call.path == "/v1/chat/completions" and call.method == "POST":
            return _chat(call)
        return _error(404, f"Unknown request URL: {call.method} {call.path}.", "unknown_url")

    def _has_key(self, call: Call) -> bool:
        scheme, _, given = call.headers.get("authorization", "").partition(" ")
        same = hmac.compare_digest(given.strip().encode(), self.api_key.encode())
        return scheme.lower() == "bearer" and same

    def _remember(self, call: Call) -> None:
        self.count += 1
        body = call.body.decode("utf-8", "replace")
        self.latest.append({"method": call.method, "path": call.path, "body": body})

    def _own(self, call: Call) -> Answer:
        """The count is for anyone; the requests themselves and the faults need the admin key."""
        denied = refused(call, self.admin_key)
        name = call.path.removeprefix(PREFIX)
        if name == "requests" and call.method == "GET":
            shown = [] if denied else list(self.latest)
            return Answer(body={"count": self.count, "requests": shown})
        if denied:
            return denied
        if name == "faults":
            return serve_faults(self.faults, call)
        return problem(404, f"there is no admin route {call.method} {call.path}")


def _error(status: int, message: str, code: str, *, param: str | None = None) -> Answer:
    error = {
        "message": message,
        "type": "invalid_request_error",
        "param": param,
        "code": code,
    }
    return Answer(status=status, body={"error": error})


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": _CREATED, "owned_by": "sandbox"}


def _chat(call: Call) -> Answer:
    try:
        wanted = call.json_object()
    except ApiError:
        return _error(400, "We could not parse the JSON body of your request.", "invalid_json")
    messages: Any = wanted.get("messages")
    model = str(wanted.get("model", ""))
    if model not in MODELS:
        message = f"The model `{model}` does not exist or you do not have access to it."
        return _error(404, message, "model_not_found", param="model")
    if not _are_messages(messages):
        message = "'messages' must be a list of objects with a role and content."
        return _error(400, message, "invalid_value", param="messages")
    most = wanted.get("max_completion_tokens", wanted.get("max_tokens"))
    if most is not None and (not isinstance(most, int) or most < 1):
        message = "'max_tokens' must be a whole number, 1 or more."
        return _error(400, message, "invalid_value", param="max_tokens")
    text, reason = cut(summarise(messages), most)
    completion = _completion(call, model, messages, text, reason)
    return _streamed(completion, text, reason) if wanted.get("stream") else completion


def _are_messages(messages: Any) -> bool:
    return (
        isinstance(messages, list)
        and bool(messages)
        and all(isinstance(each, dict) and "role" in each for each in messages)
    )


def _completion(
    call: Call, model: str, messages: list[dict[str, Any]], text: str, reason: str
) -> Answer:
    prompt_tokens = sum(count_tokens(text_of(each)) for each in messages)
    completion_tokens = count_tokens(text)
    message = {"role": "assistant", "content": text, "refusal": None}
    return Answer(
        body={
            "id": f"chatcmpl-{hashlib.sha256(call.body).hexdigest()[:24]}",
            "object": "chat.completion",
            "created": int(call.now.timestamp()),
            "model": model,
            "choices": [
                {"index": 0, "message": message, "logprobs": None, "finish_reason": reason}
            ],
            "usage": {
                "prompt_tokens": prompt_tokens,
                "completion_tokens": completion_tokens,
                "total_tokens": prompt_tokens + completion_tokens,
            },
        }
    )


def _streamed(completion: Answer, text: str, reason: str) -> Answer:
    """The same answer as server-sent events, one for each word."""
    whole = completion.body
    head = {key: whole[key] for key in ("id", "created", "model")}
    head["object"] = "chat.completion.chunk"
    words = text.split(" ")
    deltas: list[dict[str, str]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": word if n == 0 else f" {word}"} for n, word in enumerate(words)]
    chunks = [
        head | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
        for delta in deltas
    ]
    last = head | {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}
    chunks.append(last | {"usage": whole["usage"]})
    events = [f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n" for chunk in chunks]
    return Answer(body=(*events, "data: [DONE]\n\n"), content_type="text/event-stream")
