"""The client: what it makes of answers, and what it never does."""

from typing import Any

import pytest

from apps.llm import errors
from apps.llm.client import wire
from apps.llm.client.chat import Message, open_chat
from tests.llm.odd_server import answering

ASK = [Message("user", "a secret prompt")]
GOOD: dict[str, Any] = {"model": "m-1", "choices": [{"message": {"content": " An answer. "}}]}


def ask(address: str) -> Any:
    with open_chat(base_url=address, api_key="k", model="m", extra_ca="") as chat:
        return chat.complete(ASK)


def test_an_answer_comes_back_with_the_models_own_name() -> None:
    with answering(200, GOOD) as (address, asked):
        completion = ask(address)
    assert (completion.text, completion.model) == ("An answer.", "m-1")
    assert asked == ["/v1/chat/completions"]


@pytest.mark.parametrize(
    ("status", "body", "kind", "retryable"),
    [
        (401, {}, errors.KeyRefused, False),
        (403, {}, errors.KeyRefused, False),
        (404, {}, errors.ModelMissing, False),
        (400, {"error": "a secret prompt"}, errors.RequestRefused, False),
        (429, {}, errors.RateLimited, True),
        (500, b"<html>", errors.EndpointUnavailable, True),
        (503, {}, errors.EndpointUnavailable, True),
        (200, b"<html>maintenance</html>", errors.AnswerUnusable, False),
        (200, b"[]", errors.AnswerUnusable, False),
        (200, b"", errors.AnswerUnusable, False),
        (200, {"choices": []}, errors.AnswerUnusable, False),
        (200, {"choices": [{"message": {"content": None}}]}, errors.AnswerUnusable, False),
        (200, {"choices": [{"message": {"content": "  "}}]}, errors.AnswerUnusable, False),
    ],
)
def test_every_bad_answer_has_its_error(
    status: int, body: Any, kind: type[errors.LlmError], retryable: bool
) -> None:
    with answering(status, body) as (address, _asked), pytest.raises(kind) as failed:
        ask(address)
    assert failed.value.retryable is retryable
    assert "secret" not in failed.value.message


def test_a_redirect_is_not_followed() -> None:
    with (
        answering(200, GOOD) as (elsewhere, asked),
        answering(307, {}, Location=elsewhere + "/v1/chat/completions") as (address, _),
        pytest.raises(errors.Redirected),
    ):
        ask(address)
    assert asked == []


def test_an_endless_answer_is_cut_off() -> None:
    with answering(200, b" " * (wire.MOST_BYTES + 1)) as (address, _):
        with pytest.raises(errors.AnswerUnusable, match="larger than"):
            ask(address)


def test_an_endpoint_that_is_not_there_is_worth_another_try() -> None:
    with answering(200, GOOD) as (address, _):
        pass
    with pytest.raises(errors.EndpointUnavailable) as failed:
        ask(address)
    assert failed.value.retryable


def test_the_machines_proxies_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(200, GOOD) as (proxy, asked), answering(200, GOOD) as (address, _):
        monkeypatch.setenv("HTTP_PROXY", proxy)
        monkeypatch.setenv("http_proxy", proxy)
        monkeypatch.setenv("NO_PROXY", "")
        monkeypatch.setenv("no_proxy", "")
        ask(address)
    assert asked == []
