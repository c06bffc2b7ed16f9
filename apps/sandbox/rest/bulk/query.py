"""Giving records out: a query job, its pages by locator."""

from typing import Any

from apps.sandbox.errors import ApiError
from apps.sandbox.rest.bulk import csvs, jobs
from apps.sandbox.rest.bulk.jobs import Job
from apps.sandbox.rest.context import Context
from apps.sandbox.soql import tree
from apps.sandbox.soql.evaluate import Request, run
from apps.sandbox.soql.parse import parse
from apps.sandbox.wire import Answer

KIND = "query"
_OPERATIONS = frozenset({"query", "queryAll"})
_PAGE = 100_000


def create(context: Context) -> Answer:
    wanted = context.call.json_object()
    operation = jobs.require_known(wanted, "operation", _OPERATIONS, default="query")
    text = str(wanted.get("query", ""))
    parsed = parse(text)
    if any(isinstance(item, tree.Query | tree.Function) for item in parsed.items):
        message = "The query cannot hold subqueries or aggregates in Bulk API 2.0"
        raise ApiError(400, "INVALIDJOB", message)
    values: Job = {
        "operation": operation,
        "object": parsed.source.text,
        "state": jobs.UPLOADED,
        "jobType": "V2Query",
        "lineEnding": jobs.require_known(
            wanted, "lineEnding", frozenset(csvs.ENDINGS), default="LF"
        ),
        "columnDelimiter": jobs.require_known(
            wanted, "columnDelimiter", frozenset(csvs.DELIMITERS), default="COMMA"
        ),
    }
    job = jobs.new_job(context, KIND, values)
    context.org.store.put("bulk:data", job["id"], {"query": text})
    return Answer(body=job)


def look(context: Context, job_id: str) -> Answer:
    """How the job stands; looking moves it on."""
    job = jobs.named_job(context, KIND, job_id)
    if job["state"] == jobs.UPLOADED:
        job = jobs.change(context, KIND, job, state=jobs.RUNNING)
    elif job["state"] == jobs.RUNNING:
        job = _worked(context, job)
    return Answer(body=job)


def abort(context: Context, job_id: str) -> Answer:
    job = jobs.named_job(context, KIND, job_id)
    if context.call.json_object().get("state") != jobs.ABORTED or job["state"] in jobs.OVER:
        raise ApiError(400, "INVALIDJOBSTATE", f"The job is {job['state']}")
    return Answer(body=jobs.change(context, KIND, job, state=jobs.ABORTED))


def results(context: Context, job_id: str) -> Answer:
    """One page: `Sforce-Locator` names the next, `null` after the last."""
    job = jobs.named_job(context, KIND, job_id)
    if job["state"] != jobs.COMPLETE:
        raise ApiError(400, "INVALIDJOBSTATE", f"Job {job_id} is {job['state']}, not complete")
    data = context.org.store.get("bulk:data", job["id"]) or {"header": [], "rows": []}
    start = _position(context.call.query.get("locator", ""))
    size = min(int(context.call.query.get("maxRecords") or _PAGE), _PAGE)
    rows = data["rows"][start : start + size]
    end = start + len(rows)
    text = csvs.write_rows(
        data["header"],
        rows,
        delimiter=csvs.DELIMITERS[job["columnDelimiter"]],
        ending=csvs.ENDINGS[job["lineEnding"]],
    )
    following = f"MT{end}" if end < len(data["rows"]) else "null"
    headers = {"Sforce-NumberOfRecords": str(len(rows)), "Sforce-Locator": following}
    return csvs.csv_answer(text, **headers)


def _position(locator: str) -> int:
    if not locator or locator == "null":
        return 0
    if not locator.startswith("MT") or not locator[2:].isdigit():
        raise ApiError(400, "INVALID_QUERY_LOCATOR", f"invalid query locator: {locator}")
    return int(locator[2:])


def _worked(context: Context, job: Job) -> Job:
    text = str((context.org.store.get("bulk:data", job["id"]) or {}).get("query", ""))
    parsed = parse(text)
    request = Request(
        org=context.org,
        user_id=context.user_id,
        now=context.call.now,
        base=context.base,
        include_deleted=job["operation"] == "queryAll",
    )
    context.org.counts["queries"] += 1
    if context.org.faults.strikes_inside("fail_bulk_job", context.call):
        broken = "InternalServerError: the job broke off"
        return jobs.change(context, KIND, job, state=jobs.FAILED, errorMessage=broken)
    try:
        found = run(request, parsed)
    except ApiError as error:
        said = f"{error.code}: {error.message}"
        return jobs.change(context, KIND, job, state=jobs.FAILED, errorMessage=said)
    header = [item.path.text for item in parsed.items if isinstance(item, tree.Column)]
    rows = [[csvs.cell_of(_at(row, name)) for name in header] for row in found.rows]
    context.org.store.put("bulk:data", job["id"], {"header": header, "rows": rows})
    return jobs.change(
        context, KIND, job, state=jobs.COMPLETE, numberRecordsProcessed=len(rows), retries=0
    )


def _at(row: dict[str, Any], path: str) -> Any:
    """The value of a dotted name, whatever case it was written in."""
    value: Any = row
    for name in path.split("."):
        if not isinstance(value, dict):
            return None
        known = {key.lower(): key for key in value}
        value = value.get(known.get(name.lower(), ""))
    return value
