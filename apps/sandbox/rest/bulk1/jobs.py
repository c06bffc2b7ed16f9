"""Jobs: made open, closed or aborted by their maker, counting their batches."""

from typing import Any

from apps.sandbox.access import has_permission
from apps.sandbox.errors import ApiError
from apps.sandbox.rest.bulk1 import forms
from apps.sandbox.rest.context import Context
from apps.sandbox.schema.registry import find_sobject
from apps.sandbox.times import iso_z
from apps.sandbox.wire import Answer

BUCKET, BATCHES = "bulk1:job", "bulk1:batch"
OPEN, CLOSED, ABORTED = "Open", "Closed", "Aborted"
QUERIES = frozenset({"query", "queryAll"})
_OPERATIONS = QUERIES | {"insert", "update", "upsert", "delete", "hardDelete"}
_FORMS = frozenset({forms.XML, forms.JSON, forms.CSV})
_MODES = {"0": "Parallel", "1": "Serial", "": "Parallel"}
Job = dict[str, Any]


def create(context: Context) -> Answer:
    """Raises ApiError InvalidJob, InvalidEntity or FeatureNotEnabled."""
    wanted = forms.read_document(context.call, root="jobInfo")
    operation, kind = wanted.get("operation", ""), wanted.get("contentType") or forms.XML
    if operation not in _OPERATIONS:
        raise ApiError(400, "InvalidJob", f"Unable to find operation: {operation}")
    if kind not in _FORMS:
        raise ApiError(400, "InvalidJob", f"Unsupported content type: {kind}")
    sobject = find_sobject(wanted.get("object", ""))
    if sobject is None:
        raise ApiError(400, "InvalidEntity", f"Unable to find object: {wanted.get('object')}")
    if operation == "upsert" and not wanted.get("externalIdFieldName"):
        raise ApiError(400, "InvalidJob", "External ID was blank for upsert")
    if operation == "hardDelete" and not has_permission(
        context.org, context.user_id, "BulkApiHardDelete"
    ):
        raise ApiError(400, "FeatureNotEnabled", "hardDelete operation requires a permission")
    now = iso_z(context.call.now)
    mode = wanted.get("concurrencyMode", "")
    job: Job = {
        "id": context.org.new_id("750"),
        "operation": operation,
        "object": sobject.name,
        "createdById": context.user_id,
        "createdDate": now,
        "systemModstamp": now,
        "state": OPEN,
        "externalIdFieldName": wanted.get("externalIdFieldName") or None,
        "concurrencyMode": _MODES.get(mode, mode),
        "contentType": kind,
        "apiVersion": float(context.base.rpartition("/")[2]),
    }
    context.org.store.put(BUCKET, job["id"], job)
    return forms.document(forms.form_of(context.call), "jobInfo", told(context, job), status=201)


def look(context: Context, job_id: str) -> Answer:
    job = named_job(context, job_id)
    return forms.document(forms.form_of(context.call), "jobInfo", told(context, job))


def change(context: Context, job_id: str) -> Answer:
    """Close a job or give it up. Raises ApiError InvalidJobState."""
    job = named_job(context, job_id)
    state = forms.read_document(context.call, root="jobInfo").get("state", "")
    if state not in {CLOSED, ABORTED} or job["state"] != OPEN:
        message = f"The job is {job['state']}; it cannot become {state or 'nothing'}"
        raise ApiError(400, "InvalidJobState", message)
    job = job | {"state": state, "systemModstamp": iso_z(context.call.now)}
    context.org.store.put(BUCKET, job["id"], job)
    if state == ABORTED:
        for batch in batches_of(context, job):
            if batch["state"] == "Queued":
                context.org.store.put(BATCHES, batch["id"], batch | {"state": "Not Processed"})
    return forms.document(forms.form_of(context.call), "jobInfo", told(context, job))


def named_job(context: Context, job_id: str) -> Job:
    """The user's own job of this id. Raises ApiError InvalidJob."""
    found = context.org.store.get(BUCKET, job_id[:18])
    if found is None or found["createdById"] != context.user_id:
        raise ApiError(400, "InvalidJob", f"Unable to find job for id: {job_id}")
    return found


def batches_of(context: Context, job: Job) -> list[Job]:
    return [batch for batch in context.org.store.all(BATCHES) if batch["jobId"] == job["id"]]


def told(context: Context, job: Job) -> Job:
    """The job with the numbers of its batches and records."""
    batches = batches_of(context, job)
    states = [batch["state"] for batch in batches]
    return job | {
        "numberBatchesQueued": states.count("Queued"),
        "numberBatchesInProgress": 0,
        "numberBatchesCompleted": states.count("Completed"),
        "numberBatchesFailed": states.count("Failed"),
        "numberBatchesTotal": len(states),
        "numberRecordsProcessed": sum(batch["numberRecordsProcessed"] for batch in batches),
        "numberRetries": 0,
        "numberRecordsFailed": sum(batch["numberRecordsFailed"] for batch in batches),
        "totalProcessingTime": 0,
        "apiActiveProcessingTime": 0,
        "apexProcessingTime": 0,
    }
