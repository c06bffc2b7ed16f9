"""A small client of the sandbox for its own tests."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import requests

from tests.fakes.sandbox import RunningSandbox

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
DATA = "/services/data/v62.0"


def assertion(sandbox: RunningSandbox, **claims: Any) -> str:
    """A JWT signed with the app's key; keyword arguments replace its claims."""
    info = sandbox.info
    whole = {
        "iss": info["consumer_key"],
        "sub": info["username"],
        "aud": "https://login.salesforce.com",
        "exp": int(time.time()) + 180,
    }
    return jwt.encode(whole | claims, Path(info["private_key"]).read_text(), algorithm="RS256")


def ask_token(sandbox: RunningSandbox, **form: Any) -> requests.Response:
    return requests.post(
        f"{sandbox.url}/services/oauth2/token", data=form, verify=sandbox.verify, timeout=10
    )


def log_in(sandbox: RunningSandbox) -> "OrgClient":
    answer = ask_token(sandbox, grant_type=JWT_BEARER, assertion=assertion(sandbox))
    return OrgClient(sandbox=sandbox, token=answer.json()["access_token"])


def app_named(sandbox: RunningSandbox, name: str) -> dict[str, str]:
    apps: list[dict[str, str]] = sandbox.admin("GET", "apps")["apps"]
    return next(app for app in apps if app["name"] == name)


def log_in_as_app(sandbox: RunningSandbox, name: str) -> "OrgClient":
    app = app_named(sandbox, name)
    answer = ask_token(
        sandbox,
        grant_type="client_credentials",
        client_id=app["consumer_key"],
        client_secret=app["consumer_secret"],
    )
    return OrgClient(sandbox=sandbox, token=answer.json()["access_token"])


@dataclass(frozen=True, kw_only=True)
class OrgClient:
    """Sends requests with a token; `path` is taken within the version unless it is whole."""

    sandbox: RunningSandbox
    token: str

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float = 10,
        **more: Any,
    ) -> requests.Response:
        whole = path if path.startswith("/services") else DATA + path
        return requests.request(
            method,
            self.sandbox.url + whole,
            headers={"Authorization": f"Bearer {self.token}", **(headers or {})},
            verify=self.sandbox.verify,
            timeout=timeout,
            **more,
        )

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.send("GET", path, **more)

    def query(self, soql: str, **more: Any) -> requests.Response:
        return self.send("GET", "/query", params={"q": soql}, **more)

    def rows(self, soql: str) -> list[dict[str, Any]]:
        answer = self.query(soql)
        assert answer.status_code == 200, answer.text
        records: list[dict[str, Any]] = answer.json()["records"]
        return records
