"""Chat completions and the list of models."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import requests

from apps.common.trust import open_session
from apps.llm.client.wire import exchange
from apps.llm.errors import AnswerUnusable

DEFAULT_MAX_TOKENS = 400


@dataclass(frozen=True, slots=True)
class Message:
    """One turn: role `system` or `user`, and its text."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Completion:
    """The model's text, the model's own name, and the id under which we asked."""

    text: str
    model: str
    request_id: str


@dataclass(frozen=True)
class ChatModel:
    """One model behind one address. Nothing it is told or answers is kept or logged."""

    session: requests.Session
    base_url: str
    api_key: str
    model: str

    def complete(
        self, messages: Sequence[Message], *, max_tokens: int = DEFAULT_MAX_TOKENS
    ) -> Completion:
        """Ask once, at temperature 0. Raises `LlmError`; its `retryable` says what to do."""
        request_id = str(uuid4())
        document = exchange(
            self.session,
            "POST",
            f"{self.base_url}/v1/chat/completions",
            headers={**self._headers(), "X-Request-ID": request_id},
            body={
                "model": self.model,
                "messages": [{"role": turn.role, "content": turn.content} for turn in messages],
                "max_tokens": max_tokens,
                "temperature": 0,
            },
        )
        try:
            text = document["choices"][0]["message"]["content"]
        except (KeyError, IndexError, TypeError) as error:
            raise AnswerUnusable("The endpoint's answer has no choices.") from error
        if not isinstance(text, str) or not text.strip():
            raise AnswerUnusable("The endpoint's answer has no text.")
        return Completion(text.strip(), str(document.get("model", self.model))[:120], request_id)

    def list_models(self) -> list[str]:
        """Names of the models that the server offers. Raises `LlmError`."""
        document = exchange(
            self.session, "GET", f"{self.base_url}/v1/models", headers=self._headers()
        )
        rows = document.get("data")
        if not isinstance(rows, list):
            raise AnswerUnusable("The endpoint's list of models has no data.")
        return [str(row["id"]) for row in rows if isinstance(row, dict) and "id" in row]

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.api_key}", "Accept": "application/json"}


@contextmanager
def open_chat(*, base_url: str, api_key: str, model: str, extra_ca: str) -> Iterator[ChatModel]:
    """A model to talk to, its connections closed at the end."""
    with open_session(extra_ca=extra_ca) as session:
        yield ChatModel(session, base_url, api_key, model)
