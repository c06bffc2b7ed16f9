"""What comes in and what goes out, free of any web framework."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from apps.sandbox.errors import ApiError

JSON_TYPE = "application/json;charset=UTF-8"


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request: `path` is normalised, header names are lower case."""

    method: str
    path: str
    now: datetime
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    client_ip: str = "127.0.0.1"

    @property
    def form(self) -> dict[str, str]:
        """The query string and the form body together; the body wins."""
        text = self.body.decode("utf-8", "replace")
        return {**self.query, **dict(parse_qsl(text, keep_blank_values=True))}

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object. Raises ApiError JSON_PARSER_ERROR."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise ApiError(400, "JSON_PARSER_ERROR", f"Unexpected input: {error}") from error
        if not isinstance(value, dict):
            raise ApiError(400, "JSON_PARSER_ERROR", "The request body must be a JSON object")
        return value


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One response. `body` is a JSON value unless `content_type` is another type, then text."""

    status: int = 200
    body: Any = None
    content_type: str = JSON_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)


def no_content() -> Answer:
    return Answer(status=204)


def render_json(value: Any, *, pretty: bool) -> str:
    """Compact JSON, or the spaced form that `X-PrettyPrint: 1` asks for."""
    if pretty:
        return _spaced(value, "")
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _spaced(value: Any, indent: str) -> str:
    if isinstance(value, dict):
        deeper = indent + "  "
        lines = [f"{deeper}{json.dumps(k)} : {_spaced(v, deeper)}" for k, v in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}" if lines else "{ }"
    if isinstance(value, list):
        return "[ " + ", ".join(_spaced(item, indent) for item in value) + " ]" if value else "[ ]"
    return json.dumps(value, ensure_ascii=False)
