"""Step 6: a review of the snapshot; a revocation counts only once a later read proves it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from apps.demo.steps.run import Run
from apps.demo.visitor import StepFailed, Visitor

MOST_REVOKED = 3
NOTE = "Not needed for the work this account does."


def do(run: Run) -> None:
    """Open, decide every item, sign what is shown, wait for proof."""
    due = (datetime.now(UTC) + timedelta(days=7)).isoformat()
    opened = run.person("admin").post(
        "/api/v1/reviews/campaigns/", {"snapshot": run.found["snapshot"], "due_at": due}
    )
    campaign = opened["campaign"]["id"]
    run.found["campaign"] = campaign
    reviewer = run.person("reviewer")
    items = _items(reviewer, campaign)
    revoked = {item["id"] for item in _worth_revoking(items)[:MOST_REVOKED]}
    if not revoked:
        raise StepFailed("the review suggests nothing to revoke")
    for item in items:
        choice = (
            {"decision": "revoke", "note": NOTE} if item["id"] in revoked else {"decision": "keep"}
        )
        reviewer.post(f"/api/v1/reviews/items/{item['id']}/decide/", choice)
    preview = reviewer.get(f"/api/v1/reviews/campaigns/{campaign}/finish/")
    reviewer.post(
        f"/api/v1/reviews/campaigns/{campaign}/finish/",
        {"code": reviewer.code(), "seen": preview["digest"]},
    )
    told = reviewer.wait_for(
        f"/api/v1/reviews/campaigns/{campaign}/",
        lambda told: told["campaign"]["state"] not in {"remediating", "verifying"},
        patience_s=120,
    )
    _report(run, told, len(items), len(revoked))


def _items(reviewer: Visitor, campaign: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        told = reviewer.get(f"/api/v1/reviews/campaigns/{campaign}/items/?after={after}")
        found += told["results"]
        after = told["next"]
        if not after:
            return found


def _worth_revoking(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the console itself suggests, one of each kind first."""
    suggested = [row for row in items if row["suggestion"] == "revoke" and not row["protected"]]
    first = {row["kind"]: row for row in reversed(suggested)}
    rest = [row for row in suggested if row["id"] not in {one["id"] for one in first.values()}]
    return [*first.values(), *rest]


def _report(run: Run, told: dict[str, Any], total: int, revoked: int) -> None:
    progress = told["progress"]
    if told["campaign"]["state"] != "closed" or progress["verified"] != revoked:
        raise StepFailed(f"the review is {told['campaign']['state']}: {progress}")
    run.say(f"    {total} grants decided; {revoked} revoked and proven gone by reading again")
