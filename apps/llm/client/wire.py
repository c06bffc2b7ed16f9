"""One HTTP exchange with an endpoint: bounded in time and size, never redirected, typed errors."""

import json
import time
from typing import Any

import requests

from apps.llm.errors import (
    AnswerUnusable,
    EndpointUnavailable,
    KeyRefused,
    ModelMissing,
    RateLimited,
    Redirected,
    RequestRefused,
)

CONNECT_SECONDS = 5.0
READ_SECONDS = 60.0
WHOLE_SECONDS = 120.0
MOST_BYTES = 1_000_000
_CHUNK = 16_384


def exchange(
    session: requests.Session,
    method: str,
    url: str,
    *,
    headers: dict[str, str],
    body: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The JSON object that the endpoint answers, or an `LlmError`."""
    try:
        with session.request(
            method,
            url,
            json=body,
            headers=headers,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            stream=True,
        ) as response:
            content = _read(response)
            _require_success(response.status_code)
    except requests.exceptions.SSLError as error:
        raise EndpointUnavailable("The endpoint's certificate is not trusted.") from error
    except requests.RequestException as error:
        raise EndpointUnavailable(
            "The endpoint cannot be reached or did not answer in time."
        ) from error
    return _parsed(content)


def _read(response: requests.Response) -> bytes:
    ends = time.monotonic() + WHOLE_SECONDS
    content = b""
    for chunk in response.iter_content(_CHUNK):
        content += chunk
        if len(content) > MOST_BYTES:
            raise AnswerUnusable(f"The endpoint's answer is larger than {MOST_BYTES:,} bytes.")
        if time.monotonic() > ends:
            raise EndpointUnavailable(f"The answer took longer than {WHOLE_SECONDS:.0f} seconds.")
    return content


def _require_success(status: int) -> None:
    if status in {401, 403}:
        raise KeyRefused(f"The endpoint refuses our key (HTTP {status}). Replace the key.")
    if status == 404:
        raise ModelMissing("The endpoint knows no such address or model (HTTP 404).")
    if status == 429:
        raise RateLimited("The endpoint asks us to slow down (HTTP 429).")
    if status >= 500:
        raise EndpointUnavailable(f"The endpoint failed (HTTP {status}).")
    if 300 <= status < 400:
        raise Redirected(f"The endpoint redirects elsewhere (HTTP {status}); that is not followed.")
    if status != 200:
        raise RequestRefused(f"The endpoint refused the request (HTTP {status}).")


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise AnswerUnusable("The endpoint answered something that is not JSON.") from error
    if not isinstance(document, dict):
        raise AnswerUnusable("The endpoint answered JSON that is not an object.")
    return document
