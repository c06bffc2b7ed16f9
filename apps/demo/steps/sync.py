"""Step 4: open cases are summarised inside the org's zone; outside it nothing leaves."""

from typing import Any

import requests

from apps.demo.steps.run import Run
from apps.demo.visitor import StepFailed, Visitor

FIELDS = ["Subject", "Description", "SuppliedEmail"]
WRITE_BACK = "LLM_Summary__c"
COMPLETIONS = "/v1/chat/completions"
LIVE = {"queued", "running"}


def do(run: Run) -> None:
    """One job, twice: at the endpoint in the EU, then at the one in the US."""
    operator = run.person("operator")
    inside, outside = run.org.model_urls[0], run.org.model_urls[-1]
    told = _run_job(run, operator, "Case summaries", inside)
    if told["state"] != "done" or not told["written"]:
        raise StepFailed(f"the run is {told['state']}: {told['error']} {told['reasons']}")
    items = operator.get(f"/api/v1/sync/runs/{told['id']}/items/")["results"]
    run.found["records"] = [item["record_id"] for item in items]
    run.say(f"    {told['written']} summaries written back; rules {', '.join(told['rules'])}")
    before = _reached(run, outside)
    told = _run_job(run, operator, "Case summaries abroad", outside)
    if told["state"] != "refused":
        raise StepFailed(f"the run outside the zone is {told['state']}, not refused")
    if _reached(run, outside) != before:
        raise StepFailed("something reached the endpoint outside the zone")
    run.say(f"    outside the zone: refused by {', '.join(told['rules'])}; nothing reached it")


def _run_job(run: Run, operator: Visitor, name: str, url: str) -> dict[str, Any]:
    endpoints = operator.get("/api/v1/endpoints/")["results"]
    [endpoint] = [row for row in endpoints if row["base_url"] == url]
    job = operator.post(
        "/api/v1/sync/jobs/",
        {
            "name": name,
            "connection_id": run.found["connection"],
            "endpoint_id": endpoint["id"],
            "source_fields": FIELDS,
            "writeback_field": WRITE_BACK,
        },
    )
    started = operator.post(f"/api/v1/sync/jobs/{job['id']}/runs/")
    told: dict[str, Any] = operator.wait_for(
        f"/api/v1/sync/runs/{started['id']}/",
        lambda told: told["state"] not in LIVE,
        patience_s=120,
    )
    return told


def _reached(run: Run, url: str) -> int:
    """How many completions the endpoint was asked for, by its own count."""
    headers = {"X-Sandbox-Admin": run.org.admin_key}
    answer = requests.get(
        f"{url}/_sandbox/requests", headers=headers, verify=run.org.ca, timeout=10
    )
    reached = [call for call in answer.json()["requests"] if call["path"] == COMPLETIONS]
    return len(reached)
