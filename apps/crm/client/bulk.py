"""Bulk API 2.0: reading by the file. A query job costs few requests, whatever its rows.

A session that ends in the middle is renewed by the call that notices, and a page whose answer was
lost is asked for again by its locator. Every request counts against the allowance like any other.
https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/asynch_api_intro.htm
"""

import csv
import io
import re
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from apps.crm import errors
from apps.crm.client.org import CHANGE, READ, Org

ROWS_PER_PAGE = 50_000  # of a few hundred bytes each; taken in as they are gone through
FIRST_POLL_SECONDS, LONGEST_POLL_SECONDS = 0.5, 20.0
DEADLINE_SECONDS = 150.0
_JOB_ID = re.compile(r"[a-zA-Z0-9]{15,18}")
_LOCATOR = re.compile(r"[A-Za-z0-9_=-]{1,200}")
_WHOLE = frozenset({"int", "long"})
_PARTED = frozenset({"double", "currency", "percent"})
_jitter = secrets.SystemRandom()
Row = dict[str, str]


def read(
    org: Org, soql: str, *, deadline_seconds: float = DEADLINE_SECONDS
) -> Iterator[Iterator[Row]]:
    """Pages of a query's rows, all values as text. No aggregates, children, LIMIT or ORDER BY.

    Raises `NotBulkable` where the org does not read this in bulk, `JobFailed`, `JobUnfinished` at
    the deadline (the job is given up then), `CrmError`.
    """
    job_id = _begun(org, soql)
    _wait(org, job_id, deadline_seconds)
    locator = ""
    while True:
        rows, locator = _page(org, job_id, locator)
        yield rows
        if not locator:
            return


def typed(row: Mapping[str, str], fields: Mapping[str, str]) -> dict[str, Any]:
    """A row as a query's page would have it. `fields` are the asked names with their types, in
    small letters; fields of a related record, `Profile.Name`, are text. Raises `NotJson`.

    In a file nothing stands for null, whole numbers may come as `23.0` and times end in Z.
    """
    given = {name.lower(): text for name, text in row.items() if name}
    found: dict[str, Any] = {}
    for name, kind in fields.items():
        text = given.get(name.lower())
        if text is None:
            raise errors.NotJson("The org left a column out of what a bulk job read.")
        _place(found, name.split("."), _value(text, kind))
    return {name: _or_none(value) for name, value in found.items()}


def _begun(org: Org, soql: str) -> str:
    body = {"operation": "query", "query": soql}
    try:
        job = org.ask("POST", "jobs/query", READ, body=body)
    except (errors.ValidationRefused, errors.QueryRefused, errors.AccessRefused) as refused:
        raise errors.NotBulkable(
            "The org does not read this in bulk.", error_code=refused.data.get("error_code", "")
        ) from None
    job_id = str(job.get("id", "")) if isinstance(job, dict) else ""
    if not _JOB_ID.fullmatch(job_id):
        raise errors.NotJson(f"{org.host} answered a bulk job with no id.")
    return job_id


def _wait(org: Org, job_id: str, seconds: float) -> None:
    """Ask with growing, jittered pauses until the job is through."""
    give_up_at, pause = time.monotonic() + seconds, FIRST_POLL_SECONDS
    while True:
        job = org.ask("GET", f"jobs/query/{job_id}", READ)
        told = job if isinstance(job, dict) else {}
        state = str(told.get("state", ""))
        if state == "JobComplete":
            return
        if state in {"Failed", "Aborted"}:
            code = _code(str(told.get("errorMessage", "")))
            raise errors.JobFailed("The org gave up a bulk job.", error_code=code)
        if time.monotonic() + pause > give_up_at:
            _give_up(org, job_id)
            raise errors.JobUnfinished("The org took too long over a bulk job.")
        time.sleep(_jitter.uniform(pause / 2, pause))
        pause = min(pause * 2, LONGEST_POLL_SECONDS)


def _give_up(org: Org, job_id: str) -> None:
    with suppress(errors.CrmError):  # it ends by itself in the org, only later
        org.ask("PATCH", f"jobs/query/{job_id}", CHANGE, body={"state": "Aborted"})


def _page(org: Org, job_id: str, locator: str) -> tuple[Iterator[Row], str]:
    """Rows, and where the next page starts: empty after the last."""
    params = {"maxRecords": str(ROWS_PER_PAGE)}
    if locator:
        params["locator"] = locator
    answer = org.read_csv(f"jobs/query/{job_id}/results", params=params)
    following = answer.headers.get("Sforce-Locator", "null")
    if following == "null":
        return _parsed(answer.content), ""
    if not _LOCATOR.fullmatch(following) or following == locator:
        raise errors.NotJson(f"{org.host} named a next page that is none.")
    return _parsed(answer.content), following


def _code(message: str) -> str:
    """The code before the first colon of `CODE:message:fields`; the rest may name people."""
    code = message.partition(":")[0].strip()
    return code if re.fullmatch(r"[A-Za-z_]{1,80}", code) else ""


def _parsed(content: bytes) -> Iterator[Row]:
    try:
        yield from csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""))
    except (UnicodeDecodeError, csv.Error):
        raise errors.NotJson("The org answered a bulk job with something that is no CSV.") from None


def _value(text: str, kind: str) -> Any:
    if not text:
        return False if kind == "boolean" else None
    try:
        if kind in _WHOLE:
            return int(float(text))
        if kind in _PARTED:
            return float(text)
    except (ValueError, OverflowError):
        raise errors.NotJson("A bulk job gave something that is no number for one.") from None
    if kind == "boolean":
        return text.lower() == "true"
    return f"{text[:-1]}+0000" if kind == "datetime" and text.endswith("Z") else text


def _place(found: dict[str, Any], path: list[str], value: Any) -> None:
    for name in path[:-1]:
        found = found.setdefault(name, {})
    found[path[-1]] = value


def _or_none(value: Any) -> Any:
    """A related record of which nothing is known is none."""
    if not isinstance(value, dict):
        return value
    inner = {name: _or_none(each) for name, each in value.items()}
    return inner if any(each is not None for each in inner.values()) else None
