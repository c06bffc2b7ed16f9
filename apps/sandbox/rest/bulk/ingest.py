"""Taking records in: create, upload, close, poll, and the three lists of what became of them."""

from collections.abc import Sequence

from apps.sandbox.access import has_permission
from apps.sandbox.errors import ApiError
from apps.sandbox.rest.bulk import csvs, jobs
from apps.sandbox.rest.bulk.jobs import Job
from apps.sandbox.rest.context import Context
from apps.sandbox.rest.writing import Outcome, Write, empty, locked, write
from apps.sandbox.schema.registry import find_sobject
from apps.sandbox.wire import Answer

KIND = "ingest"
_OPERATIONS = frozenset({"insert", "update", "upsert", "delete", "hardDelete"})
_MOST_BYTES = 150_000_000


def create(context: Context) -> Answer:
    wanted = context.call.json_object()
    sobject = find_sobject(str(wanted.get("object", "")))
    if sobject is None:
        raise ApiError(400, "INVALIDENTITY", f"Unable to find object: {wanted.get('object')}")
    operation = jobs.require_known(wanted, "operation", _OPERATIONS, default="")
    if operation == "upsert" and not wanted.get("externalIdFieldName"):
        raise ApiError(400, "INVALIDJOB", "externalIdFieldName is required for upsert")
    if operation == "hardDelete" and not has_permission(
        context.org, context.user_id, "BulkApiHardDelete"
    ):
        raise ApiError(400, "FEATURENOTENABLED", "hardDelete operation requires a permission")
    endings, delimiters = frozenset(csvs.ENDINGS), frozenset(csvs.DELIMITERS)
    values: Job = {
        "operation": operation,
        "object": sobject.name,
        "state": jobs.OPEN,
        "jobType": "V2Ingest",
        "lineEnding": jobs.require_known(wanted, "lineEnding", endings, default="LF"),
        "columnDelimiter": jobs.require_known(
            wanted, "columnDelimiter", delimiters, default="COMMA"
        ),
    }
    if wanted.get("externalIdFieldName"):
        values["externalIdFieldName"] = str(wanted["externalIdFieldName"])
    job = jobs.new_job(context, KIND, values)
    version = context.base.rpartition("/v")[2]
    contents = f"services/data/v{version}/jobs/ingest/{job['id']}/batches"
    job = jobs.change(context, KIND, job, contentUrl=contents)
    return Answer(body=job)


def upload(context: Context, job_id: str) -> Answer:
    job = jobs.named_job(context, KIND, job_id)
    if job["state"] != jobs.OPEN or context.org.store.get("bulk:data", job["id"]):
        message = (
            f"Found multiple contents for job: <{job_id}>, please 'Close' / 'Abort' / 'Delete'"
        )
        raise ApiError(400, "INVALIDJOBSTATE", message)
    if len(context.call.body) > _MOST_BYTES:
        raise ApiError(400, "LIMIT_EXCEEDED", "The content is larger than 150 MB")
    text = context.call.body.decode("utf-8-sig", "replace")
    context.org.store.put("bulk:data", job["id"], {"content": text, "looks": 0})
    return empty(201)


def close(context: Context, job_id: str) -> Answer:
    """Begin the work (`UploadComplete`) or give it up (`Aborted`)."""
    job = jobs.named_job(context, KIND, job_id)
    state = str(context.call.json_object().get("state", ""))
    if state == jobs.ABORTED and job["state"] not in jobs.OVER:
        return Answer(body=jobs.change(context, KIND, job, state=jobs.ABORTED))
    if state != jobs.UPLOADED or job["state"] != jobs.OPEN:
        message = f"The job is {job['state']}; it cannot become {state}"
        raise ApiError(400, "INVALIDJOBSTATE", message)
    return Answer(body=jobs.change(context, KIND, job, state=jobs.UPLOADED))


def look(context: Context, job_id: str) -> Answer:
    """How the job stands; looking moves it on."""
    job = jobs.named_job(context, KIND, job_id)
    if job["state"] == jobs.UPLOADED:
        job = jobs.change(context, KIND, job, state=jobs.RUNNING)
    elif job["state"] == jobs.RUNNING:
        job = _worked(context, job)
    return Answer(body=job)


def successful(context: Context, job_id: str) -> Answer:
    return _told(context, job_id, "successful", ("sf__Id", "sf__Created"))


def failed(context: Context, job_id: str) -> Answer:
    return _told(context, job_id, "failed", ("sf__Id", "sf__Error"))


def unprocessed(context: Context, job_id: str) -> Answer:
    return _told(context, job_id, "unprocessed", ())


def _worked(context: Context, job: Job) -> Job:
    data = context.org.store.get("bulk:data", job["id"]) or {"content": ""}
    delimiter = csvs.DELIMITERS[job["columnDelimiter"]]
    try:
        rows = csvs.read_rows(data["content"], delimiter=delimiter)
    except ApiError as error:
        said = f"{error.code} : {error.message}"
        return jobs.change(context, KIND, job, state=jobs.FAILED, errorMessage=said)
    sobject = find_sobject(job["object"])
    operation = "delete" if job["operation"] == "hardDelete" else str(job["operation"])
    result: Job = {"header": list(rows[0]) if rows else [], "successful": [], "failed": []}
    breaks = context.org.faults.strikes_inside("fail_bulk_job", context.call)
    reached = len(rows) // 2 if breaks else len(rows)
    for row in rows[:reached]:
        wanted = Write(
            operation=operation,
            sobject=job["object"],
            values=csvs.values_of(sobject, row) if sobject else {},
            external_id=job.get("externalIdFieldName", ""),
        )
        _sort(result, row, locked(context) or write(context, wanted))
    result["unprocessed"] = [list(row.values()) for row in rows[reached:]]
    context.org.store.put("bulk:data", job["id"], result)
    broken = {"state": jobs.FAILED, "errorMessage": "InternalServerError : the job broke off"}
    return jobs.change(
        context,
        KIND,
        job,
        numberRecordsProcessed=reached,
        numberRecordsFailed=len(result["failed"]),
        retries=0,
        totalProcessingTime=reached,
        **(broken if breaks else {"state": jobs.COMPLETE}),
    )


def _sort(result: Job, row: dict[str, str], outcome: Outcome) -> None:
    cells = list(row.values())
    if outcome.error is None:
        result["successful"].append([outcome.record_id, str(outcome.created).lower(), *cells])
        return
    error = outcome.error
    fields = ",".join(error.fields or [])
    said = f"{error.code}:{error.message}:{fields} --"
    result["failed"].append([row.get("Id", ""), said, *cells])


def _told(context: Context, job_id: str, which: str, extra: Sequence[str]) -> Answer:
    job = jobs.named_job(context, KIND, job_id)
    if job["state"] not in jobs.OVER:
        raise ApiError(400, "INVALIDJOBSTATE", f"Job {job_id} is {job['state']}, not over")
    data = context.org.store.get("bulk:data", job["id"]) or {}
    text = csvs.write_rows(
        [*extra, *data.get("header", [])],
        data.get(which, []),
        delimiter=csvs.DELIMITERS[job["columnDelimiter"]],
        ending=csvs.ENDINGS[job["lineEnding"]],
    )
    return csvs.csv_answer(text)
