"""Several different requests by one, each able to use what those before it answered.

It counts as one request of the org's allowance.
https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_composite.htm
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from apps.crm import errors
from apps.crm.client.answers import error_from
from apps.crm.client.org import API_VERSION, CREATE, READ, Org, Repeats

AT_MOST = 25
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")
Api = Literal["", "tooling/"]
_METHODS = frozenset({"GET", "POST", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Part:
    """One request. `path` begins after `/services/data/vNN.0/` and the API; it and values of `body`
    may name answers of earlier parts as `@{name.id}`."""

    name: str
    method: str
    path: str
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one part: its answer, or its error. `RolledBack` says that others failed."""

    name: str
    body: Any
    error: errors.CrmError | None


def send(org: Org, parts: Sequence[Part], *, all_or_none: bool = True, api: Api = "") -> list[Told]:
    """Send the parts in order; outcomes come in the same order. `api` is that of every part.

    Writes are never sent twice: a lost answer raises with `outcome_unknown` set. Raises
    `CrmError` when the whole was refused, `ValueError` for parts that no org could take.
    """
    _require_sendable(parts)
    body = {"allOrNone": all_or_none, "compositeRequest": [_request(part, api) for part in parts]}
    repeats: Repeats = READ if all(part.method == "GET" for part in parts) else CREATE
    answer = org.ask("POST", f"{api}composite", repeats, body=body)
    told = answer.get("compositeResponse") if isinstance(answer, dict) else None
    if not isinstance(told, list) or len(told) != len(parts):
        unsure = errors.NotJson(f"{org.host} did not answer for every part of a request.")
        unsure.outcome_unknown = repeats is CREATE
        raise unsure
    return [_told(org, part, each) for part, each in zip(parts, told, strict=True)]


def _require_sendable(parts: Sequence[Part]) -> None:
    names = [part.name for part in parts]
    if not 1 <= len(parts) <= AT_MOST or len(set(names)) != len(names):
        raise ValueError(f"send 1 to {AT_MOST} parts, each with a name of its own")
    for part in parts:
        if not _NAME.fullmatch(part.name) or part.method not in _METHODS or ".." in part.path:
            raise ValueError(f"{part.name[:90]!r} is no part that can be sent")


def _request(part: Part, api: Api) -> dict[str, Any]:
    request: dict[str, Any] = {
        "method": part.method,
        "url": f"/services/data/v{API_VERSION}/{api}{part.path}",
        "referenceId": part.name,
    }
    return {**request, "body": dict(part.body)} if part.body else request


def _told(org: Org, part: Part, each: Any) -> Told:
    row = each if isinstance(each, dict) else {}
    status, body = row.get("httpStatusCode"), row.get("body")
    if isinstance(status, int) and 200 <= status < 300:
        return Told(part.name, body, None)
    found = error_from(status if isinstance(status, int) else 0, body, host=org.host)
    return Told(part.name, None, found)
