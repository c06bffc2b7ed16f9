"""Bulk API 2.0: reading and writing by the file. One job costs few requests, whatever its rows.

A session that ends in the middle is renewed by the call that notices. A read goes on where it
stopped by job and locator; a write is processed only once its upload is closed, so that everything
before can be done again.
https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/asynch_api_intro.htm
"""

import csv
import io
import re
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.crm import errors
from apps.crm.client.answers import error_from
from apps.crm.client.org import CHANGE, CREATE, READ, Org
from apps.crm.client.soql import checked_name

ROWS_PER_PAGE = 10_000
FIRST_POLL_SECONDS, LONGEST_POLL_SECONDS = 0.5, 20.0
DEADLINE_SECONDS = 1800.0
MOST_BYTES = 100_000_000  # of one upload, before the org's own encoding
_JOB_ID = re.compile(r"[a-zA-Z0-9]{15,18}")
_LOCATOR = re.compile(r"[A-Za-z0-9_=-]{1,200}")
_jitter = secrets.SystemRandom()
OPERATIONS = frozenset({"insert", "update", "upsert", "delete"})


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a query job. `locator` is where the next page starts; empty after the last."""

    job_id: str
    locator: str
    rows: list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one record of a write; `error` is None when it was done."""

    record_id: str
    values: dict[str, str]
    error: errors.CrmError | None


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a write. `unprocessed` records were never looked at."""

    job_id: str
    done: list[Row]
    failed: list[Row]
    unprocessed: list[dict[str, str]]


def read(
    org: Org,
    soql: str,
    *,
    job_id: str = "",
    locator: str = "",
    deadline_seconds: float = DEADLINE_SECONDS,
) -> Iterator[Page]:
    """Pages of a query, or of a job begun earlier from its `locator` on.

    Raises `JobUnfinished` at the deadline, `JobFailed`, `CrmError`.
    """
    if not job_id:
        body = {"operation": "query", "query": soql}
        job_id = _id_of(org, org.ask("POST", "jobs/query", READ, body=body))
    _wait(org, "query", job_id, deadline_seconds)
    while True:
        page = _page(org, job_id, locator)
        yield page
        if not page.locator:
            return
        locator = page.locator


def write(
    org: Org,
    object_name: str,
    operation: str,
    rows: Sequence[Mapping[str, str]],
    *,
    external_id: str = "",
    deadline_seconds: float = DEADLINE_SECONDS,
) -> Written:
    """Write rows of the same columns by one job. Raises `JobUnfinished`, `JobFailed`, `CrmError`.

    Records fail one by one: look at `failed` and `unprocessed`.
    """
    if operation not in OPERATIONS or not rows:
        raise ValueError("a bulk write needs rows and one of: " + ", ".join(sorted(OPERATIONS)))
    body = {"object": checked_name(object_name), "operation": operation, "contentType": "CSV"}
    body |= {"lineEnding": "LF"}
    if external_id:
        body["externalIdFieldName"] = checked_name(external_id)
    job_id = _id_of(org, org.ask("POST", "jobs/ingest", READ, body=body))
    _upload(org, job_id, _csv_of(rows))
    _close(org, job_id)
    return written(org, job_id, deadline_seconds=deadline_seconds)


def written(org: Org, job_id: str, *, deadline_seconds: float = DEADLINE_SECONDS) -> Written:
    """What became of a write that was begun earlier. Raises as `write` does."""
    _wait(org, "ingest", job_id, deadline_seconds)
    path = f"jobs/ingest/{_checked(job_id)}"
    done = [_row(each, org) for each in _rows(org, f"{path}/successfulResults")]
    failed = [_row(each, org) for each in _rows(org, f"{path}/failedResults")]
    return Written(job_id, done, failed, _rows(org, f"{path}/unprocessedrecords"))


def _upload(org: Org, job_id: str, content: bytes) -> None:
    if len(content) > MOST_BYTES:
        raise ValueError(f"one bulk job takes {MOST_BYTES:,} bytes; write in several")
    path = f"jobs/ingest/{_checked(job_id)}"
    try:
        org.send("PUT", f"{path}/batches", CREATE, data=content)
    except errors.CrmError as error:
        error.outcome_unknown = False  # nothing is processed before the upload is closed
        raise


def _close(org: Org, job_id: str) -> None:
    """Say that the upload is whole; where the answer was lost, the job tells whether it came."""
    path = f"jobs/ingest/{_checked(job_id)}"
    for attempt in (1, 2):
        try:
            org.ask("PATCH", path, CHANGE, body={"state": "UploadComplete"})
        except errors.CrmError as error:
            if not error.outcome_unknown:
                raise
            if org.ask("GET", path, READ).get("state") != "Open":
                return
            if attempt == 2:
                raise
        else:
            return


def _wait(org: Org, kind: str, job_id: str, seconds: float) -> None:
    """Ask with growing, jittered pauses until the job is through."""
    give_up_at, pause = time.monotonic() + seconds, FIRST_POLL_SECONDS
    while True:
        job = org.ask("GET", f"jobs/{kind}/{_checked(job_id)}", READ)
        state = str((job or {}).get("state", ""))
        if state == "JobComplete":
            return
        if state in {"Failed", "Aborted"}:
            raise errors.JobFailed(
                "The org gave up a bulk job.", error_code=_code(str(job.get("errorMessage", "")))
            )
        if time.monotonic() + pause > give_up_at:
            raise errors.JobUnfinished(
                "The org is still working on a bulk job; it can be looked at again later.",
                job_id=job_id,
            )
        time.sleep(_jitter.uniform(pause / 2, pause))
        pause = min(pause * 2, LONGEST_POLL_SECONDS)


def _page(org: Org, job_id: str, locator: str) -> Page:
    params = {"maxRecords": str(ROWS_PER_PAGE)}
    if locator:
        params["locator"] = locator
    answer = org.send("GET", f"jobs/query/{_checked(job_id)}/results", READ, params=params)
    following = answer.headers.get("Sforce-Locator", "null")
    if following != "null" and not _LOCATOR.fullmatch(following):
        raise errors.NotJson(f"{org.host} named a next page that is none.")
    return Page(job_id, "" if following == "null" else following, _parsed(answer.content))


def _rows(org: Org, path: str) -> list[dict[str, str]]:
    return _parsed(org.send("GET", path, READ).content)


def _row(told: dict[str, str], org: Org) -> Row:
    """A result row: our values, the org's id, and its error as one of ours."""
    values = {name: text for name, text in told.items() if not name.startswith("sf__")}
    said = told.get("sf__Error", "")
    error = error_from(400, {"errorCode": _code(said)}, host=org.host) if said else None
    return Row(told.get("sf__Id", ""), values, error)


def _code(message: str) -> str:
    """The code before the first colon of `CODE:message:fields`; the rest may name people."""
    code = message.partition(":")[0].strip()
    return code if re.fullmatch(r"[A-Za-z_]{1,80}", code) else ""


def _parsed(content: bytes) -> list[dict[str, str]]:
    try:
        return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))
    except (UnicodeDecodeError, csv.Error):
        raise errors.NotJson("The org answered a bulk job with something that is no CSV.") from None


def _csv_of(rows: Sequence[Mapping[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    names = [checked_name(name) for name in rows[0]]
    writer = csv.DictWriter(text, names, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _id_of(org: Org, job: Any) -> str:
    job_id = str(job.get("id", "")) if isinstance(job, dict) else ""
    if not _JOB_ID.fullmatch(job_id):
        raise errors.NotJson(f"{org.host} answered a bulk job with no id.")
    return job_id


def _checked(job_id: str) -> str:
    if not _JOB_ID.fullmatch(job_id):
        raise ValueError("that is no id of a bulk job")
    return job_id
