"""Somebody at a browser: signs in with passphrase and code, then uses the console over HTTP."""

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import requests

from apps.demo.people import find_user, passphrase, spare_code

PATIENCE_S = 60.0
PAUSE_S = 0.3


class StepFailed(Exception):
    """The console did not do what this step needs; the message says what it answered."""


class Visitor:
    """One person's session at the console. Codes are made from their sealed authenticator."""

    def __init__(self, console_url: str, email: str) -> None:
        user = find_user(email)
        if user is None:
            raise StepFailed(f"{email} has no account; load the demo first")
        self.user = user
        self.email = email
        self.console_url = console_url.rstrip("/")
        self.session = requests.Session()

    def code(self) -> str:
        """A code that was not used yet; waits when this minute's are all gone."""
        deadline = time.monotonic() + PATIENCE_S
        last_used = self.__dict__.get("last_code", "")
        code = spare_code(self.user)
        while code in {None, last_used} and time.monotonic() < deadline:
            time.sleep(PAUSE_S)
            code = spare_code(self.user)
        self.__dict__["last_code"] = code
        return code or ""

    def sign_in(self) -> "Visitor":
        """Passphrase, then code. Raises `StepFailed`."""
        self._form("/signin/", {"email": self.email, "password": passphrase()})
        answer = self._form("/signin/code/", {"code": self.code()})
        if "/signin/" in answer.url:
            raise StepFailed(f"{self.email} could not sign in")
        return self

    def enter(self, tenant_id: UUID) -> "Visitor":
        """Work in one of the person's tenants, chosen as the switcher does."""
        self._form(f"/tenants/{tenant_id}/switch/", {}, seen_at="/tenants/")
        return self

    def press(self, path: str, *, seen_at: str) -> None:
        """Press a button of a page that asks for nothing more. Raises `StepFailed`."""
        self._form(path, {}, seen_at=seen_at)

    def get(self, path: str) -> Any:
        """The JSON at a path of the API."""
        return self._told(self.session.get(self.console_url + path, timeout=30))

    def post(self, path: str, data: dict[str, Any] | None = None) -> Any:
        """The JSON answer to a post."""
        return self._told(self._send(path, data))

    def refused(self, path: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
        """The problem document of a post that must be refused; raises when it is not."""
        answer = self._send(path, data)
        if answer.status_code < 400:
            raise StepFailed(f"{path} was expected to be refused, but it was done")
        problem: dict[str, Any] = answer.json()
        return problem

    def download(self, path: str) -> bytes:
        """The bytes at a path."""
        answer = self.session.get(self.console_url + path, timeout=60)
        if not answer.ok:
            self._told(answer)
        return answer.content

    def wait_for(
        self, path: str, done: Callable[[Any], bool], *, patience_s: float = PATIENCE_S
    ) -> Any:
        """Ask a path until it says it is done. Raises `StepFailed` with its last answer."""
        deadline = time.monotonic() + patience_s
        told = self.get(path)
        while not done(told):
            if time.monotonic() > deadline:
                raise StepFailed(f"{path} still says {told} after {patience_s:.0f} s")
            time.sleep(PAUSE_S)
            told = self.get(path)
        return told

    def _send(self, path: str, data: dict[str, Any] | None) -> requests.Response:
        return self.session.post(
            self.console_url + path, json=data or {}, headers=self._headers(), timeout=60
        )

    def _form(self, path: str, fields: dict[str, str], *, seen_at: str = "") -> requests.Response:
        self.session.get(self.console_url + (seen_at or path), timeout=30)
        token = {"csrfmiddlewaretoken": self.session.cookies.get("csrftoken") or ""}
        answer = self.session.post(
            self.console_url + path, data={**fields, **token}, headers=self._headers(), timeout=30
        )
        if answer.status_code >= 400:
            raise StepFailed(f"{path} answered {answer.status_code}")
        return answer

    def _headers(self) -> dict[str, str]:
        return {
            "X-CSRFToken": self.session.cookies.get("csrftoken") or "",
            "Referer": self.console_url + "/",
        }

    @staticmethod
    def _told(answer: requests.Response) -> Any:
        if answer.ok:
            return answer.json()
        try:
            words = answer.json().get("detail", "")
        except ValueError:
            words = answer.text[:200]
        raise StepFailed(f"{answer.request.path_url} answered {answer.status_code}: {words}")
