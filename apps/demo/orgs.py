"""What the sandbox tells about one of its orgs in its line of JSON."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests


@dataclass(frozen=True, slots=True)
class Org:
    """Where a sandbox org is and how the console may sign in to it."""

    name: str
    host: str
    consumer_key: str
    username: str
    private_key_pem: str
    model_urls: tuple[str, ...]
    model_key: str
    admin_key: str
    ca: str
    url: str

    def change(self, sobject: str, *, where: dict[str, Any], values: dict[str, Any]) -> None:
        """Change records in the org past all rules, as somebody there might."""
        answer = requests.post(
            f"{self.url}/_sandbox/change",
            json={"sobject": sobject, "where": where, "values": values},
            headers={"X-Sandbox-Admin": self.admin_key},
            verify=self.ca,
            timeout=10,
        )
        answer.raise_for_status()
        if not answer.json()["changed"]:
            raise LookupError(f"the sandbox has no such {sobject}")


def read_org(name: str, path: Path) -> Org:
    """Read the description that `manage.py sandbox --json` printed."""
    told = json.loads(path.read_text(encoding="utf-8"))
    return Org(
        name=name,
        host=urlsplit(told["url"]).netloc,
        consumer_key=told["consumer_key"],
        username=told["username"],
        private_key_pem=Path(told["private_key"]).read_text(encoding="utf-8"),
        model_urls=tuple(told.get("llm_urls") or ()),
        model_key=told.get("llm_api_key", ""),
        admin_key=told["admin_key"],
        ca=told["ca"],
        url=told["url"],
    )
