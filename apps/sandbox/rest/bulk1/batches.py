"""Batches: queued when they come, worked off when they are looked at."""

import json
from typing import Any

from apps.sandbox.errors import ApiError
from apps.sandbox.rest.bulk import csvs
from apps.sandbox.rest.bulk1 import chunks, forms, jobs, results
from apps.sandbox.rest.bulk1.jobs import BATCHES, Job
from apps.sandbox.rest.context import Context
from apps.sandbox.rest.writing import Outcome, Write, locked, write
from apps.sandbox.schema.registry import find_sobject
from apps.sandbox.soql.evaluate import Request, run
from apps.sandbox.soql.parse import parse
from apps.sandbox.times import stamp
from apps.sandbox.wire import Answer

_MOST_BYTES, _MOST_ROWS = 10_000_000, 10_000
_DATA, _RESULTS = "bulk1:data", "bulk1:results"


def add(context: Context, job_id: str) -> Answer:
    """Raises ApiError InvalidJobState or ExceededQuota."""
    job = jobs.named_job(context, job_id)
    if job["state"] != jobs.OPEN:
        raise ApiError(400, "InvalidJobState", f"The job is {job['state']}; it takes no batches")
    if len(context.call.body) > _MOST_BYTES:
        raise ApiError(400, "ClientInputError", "The batch is larger than 10 MB")
    now = stamp(context.call.now)
    batch: Job = {
        "id": context.org.new_id("751"),
        "jobId": job["id"],
        "state": "Queued",
        "stateMessage": None,
        "createdDate": now,
        "systemModstamp": now,
        "numberRecordsProcessed": 0,
        "numberRecordsFailed": 0,
        "totalProcessingTime": 0,
        "apiActiveProcessingTime": 0,
        "apexProcessingTime": 0,
    }
    text = context.call.body.decode("utf-8-sig", "replace")
    if job["operation"] in jobs.QUERIES and (size := chunks.size_asked_for(context.call)):
        batch |= {"state": chunks.NOT_PROCESSED}
        for part in chunks.parts_of(context, job, text, size=size):
            made = batch | {"id": context.org.new_id("751"), "state": "Queued"}
            context.org.store.put(BATCHES, made["id"], made)
            context.org.store.put(_DATA, made["id"], {"content": part})
    context.org.store.put(BATCHES, batch["id"], batch)
    context.org.store.put(_DATA, batch["id"], {"content": text})
    return forms.document(_form(job), "batchInfo", batch, status=201)


def look(context: Context, job_id: str, batch_id: str) -> Answer:
    job = jobs.named_job(context, job_id)
    batch = _worked(context, job, _named(context, job, batch_id))
    return forms.document(_form(job), "batchInfo", batch)


def every(context: Context, job_id: str) -> Answer:
    job = jobs.named_job(context, job_id)
    batches = [_worked(context, job, batch) for batch in jobs.batches_of(context, job)]
    return forms.documents(_form(job), "batchInfo", batches)


def request(context: Context, job_id: str, batch_id: str) -> Answer:
    """What the batch came with."""
    job = jobs.named_job(context, job_id)
    batch = _named(context, job, batch_id)
    kept = context.org.store.get(_DATA, batch["id"]) or {"content": ""}
    if job["contentType"] == forms.JSON and job["operation"] not in jobs.QUERIES:
        return Answer(body=json.loads(kept["content"]))
    return forms.content(job["contentType"], kept["content"])


def result(context: Context, job_id: str, batch_id: str) -> Answer:
    """What became of each row, or the ids of a query's results."""
    job, batch = _finished(context, job_id, batch_id)
    kept = context.org.store.get(_RESULTS, batch["id"]) or {}
    if job["operation"] in jobs.QUERIES:
        return results.list_of(_form(job), [kept["id"]] if kept else [])
    return results.outcomes(job["contentType"], kept.get("outcomes", []))


def result_part(context: Context, job_id: str, batch_id: str, result_id: str) -> Answer:
    """The records of one result of a query. Raises ApiError InvalidBatch."""
    job, batch = _finished(context, job_id, batch_id)
    kept = context.org.store.get(_RESULTS, batch["id"]) or {}
    if kept.get("id") != result_id:
        raise ApiError(400, "InvalidBatch", f"Unable to find result for id: {result_id}")
    return results.records(job["contentType"], kept["rows"], job["object"])


def _finished(context: Context, job_id: str, batch_id: str) -> tuple[Job, Job]:
    job = jobs.named_job(context, job_id)
    batch = _named(context, job, batch_id)
    if batch["state"] != "Completed":
        raise ApiError(400, "InvalidBatch", f"Batch not completed: it is {batch['state']}")
    return job, batch


def _named(context: Context, job: Job, batch_id: str) -> Job:
    found = context.org.store.get(BATCHES, batch_id[:18])
    if found is None or found["jobId"] != job["id"]:
        raise ApiError(400, "InvalidBatch", f"Unable to find batch for id: {batch_id}")
    return found


def _form(job: Job) -> str:
    """Batches are told in JSON when the job's content is JSON, in XML otherwise."""
    return forms.JSON if job["contentType"] == forms.JSON else forms.XML


def _worked(context: Context, job: Job, batch: Job) -> Job:
    if batch["state"] != "Queued":
        return batch
    text = str((context.org.store.get(_DATA, batch["id"]) or {}).get("content", ""))
    try:
        if job["operation"] in jobs.QUERIES:
            done = _asked(context, job, batch, text)
        else:
            done = _written(context, job, batch, text)
    except ApiError as error:
        done = {"state": "Failed", "stateMessage": f"{error.code} : {error.message}"}
    after = batch | {"state": "Completed"} | done | {"systemModstamp": stamp(context.call.now)}
    context.org.store.put(BATCHES, batch["id"], after)
    return after


def _asked(context: Context, job: Job, batch: Job, text: str) -> Job:
    asking = Request(
        org=context.org,
        user_id=context.user_id,
        now=context.call.now,
        base=f"/services/data/v{job['apiVersion']:.1f}",
        include_deleted=job["operation"] == "queryAll",
    )
    context.org.counts["queries"] += 1
    rows = run(asking, parse(text)).rows
    kept = {"id": context.org.new_id("752")[:15], "rows": rows}
    context.org.store.put(_RESULTS, batch["id"], kept)
    return {"numberRecordsProcessed": len(rows)}


def _written(context: Context, job: Job, batch: Job, text: str) -> Job:
    rows = _rows(job, text)
    if len(rows) > _MOST_ROWS:
        raise ApiError(400, "InvalidBatch", f"Records: the batch has more than {_MOST_ROWS}")
    operation = "delete" if job["operation"] == "hardDelete" else job["operation"]
    outcomes = []
    for row in rows:
        wanted = Write(
            operation=operation,
            sobject=job["object"],
            values=row,
            external_id=job.get("externalIdFieldName") or "",
        )
        outcomes.append(_kept(locked(context) or write(context, wanted)))
    context.org.store.put(_RESULTS, batch["id"], {"outcomes": outcomes})
    failed = sum(1 for outcome in outcomes if not outcome["success"])
    return {"numberRecordsProcessed": len(rows), "numberRecordsFailed": failed}


def _kept(outcome: Outcome) -> dict[str, Any]:
    error = outcome.error
    told = (
        [{"statusCode": error.code, "message": error.message, "fields": error.fields or []}]
        if error
        else []
    )
    return {
        "success": error is None,
        "created": outcome.created,
        "id": outcome.record_id,
        "errors": told,
    }


def _rows(job: Job, text: str) -> list[dict[str, Any]]:
    if job["contentType"] == forms.JSON:
        try:
            rows = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ApiError(400, "InvalidBatch", f"Unable to parse JSON: {error}") from error
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ApiError(400, "InvalidBatch", "The batch must be a list of records")
        return rows
    sobject = find_sobject(job["object"])
    if job["contentType"] == forms.XML:
        told = forms.read_sobjects(text.encode())
    else:
        told = csvs.read_rows(text, delimiter=",")
    return [csvs.values_of(sobject, row) for row in told] if sobject else []
