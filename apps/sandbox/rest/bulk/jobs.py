"""Jobs: their documents, their states, and who may see them.

A job moves on when it is looked at: the first look finds it in progress, the second complete.
https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/
"""

from typing import Any

from apps.sandbox.errors import ApiError
from apps.sandbox.rest.context import Context
from apps.sandbox.times import stamp
from apps.sandbox.wire import Answer, no_content

PREFIX = "750"
OPEN, UPLOADED = "Open", "UploadComplete"
RUNNING, COMPLETE, ABORTED, FAILED = "InProgress", "JobComplete", "Aborted", "Failed"
OVER = frozenset({COMPLETE, ABORTED, FAILED})
Job = dict[str, Any]


def new_job(context: Context, kind: str, values: Job) -> Job:
    """Keep a new job of a kind (`ingest` or `query`)."""
    now = stamp(context.call.now)
    job: Job = {
        "id": context.org.new_id(PREFIX),
        "createdById": context.user_id,
        "createdDate": now,
        "systemModstamp": now,
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": float(context.base.rpartition("/v")[2]),
        "lineEnding": "LF",
        "columnDelimiter": "COMMA",
    }
    job |= values
    context.org.store.put(f"bulk:{kind}", job["id"], job)
    return job


def change(context: Context, kind: str, job: Job, **values: Any) -> Job:
    """Write a job anew with other values."""
    after = job | values | {"systemModstamp": stamp(context.call.now)}
    context.org.store.put(f"bulk:{kind}", job["id"], after)
    return after


def named_job(context: Context, kind: str, job_id: str) -> Job:
    """The user's own job of this id. Raises ApiError NOT_FOUND."""
    job = context.org.store.get(f"bulk:{kind}", job_id[:18])
    if job is None or job["createdById"] != context.user_id:
        raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
    return job


def jobs_of(context: Context, kind: str) -> Answer:
    """Every job of the user, in one page."""
    rows = [job for job in context.org.store.all(f"bulk:{kind}") if _is_own(context, job)]
    return Answer(body={"done": True, "records": rows, "nextRecordsUrl": None})


def delete_job(context: Context, kind: str, job_id: str) -> Answer:
    """Forget a job that is over, with its data."""
    job = named_job(context, kind, job_id)
    if job["state"] not in OVER:
        raise ApiError(400, "INVALIDJOBSTATE", f"Job {job_id} is {job['state']}, not over")
    context.org.store.remove(f"bulk:{kind}", job["id"])
    context.org.store.remove("bulk:data", job["id"])
    return no_content()


def require_known(values: Job, name: str, allowed: frozenset[str], *, default: str) -> str:
    """A value of the request that is one of a few. Raises ApiError INVALID_JOB."""
    value = str(values.get(name) or default)
    if value not in allowed:
        raise ApiError(400, "INVALIDJOB", f"{name}: {value} is not one of {sorted(allowed)}")
    return value


def _is_own(context: Context, job: Job) -> bool:
    return bool(job["createdById"] == context.user_id)
