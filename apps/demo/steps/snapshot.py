"""Step 2: a worker reads apps, tokens, integration users and permission sets."""

from apps.demo.steps.run import Run
from apps.demo.visitor import StepFailed


def do(run: Run) -> None:
    """Take a snapshot and insist that it is complete."""
    admin = run.person("admin")
    taken = admin.post(f"/api/v1/connections/{run.found['connection']}/snapshots/")
    told = admin.wait_for(
        f"/api/v1/snapshots/{taken['id']}/",
        lambda told: told["state"] not in {"queued", "running"},
    )
    if told["state"] != "complete":
        raise StepFailed(f"the snapshot is {told['state']}: {told['error']}")
    run.found["snapshot"] = told["id"]
    run.say(
        f"    complete: {len(told['apps'])} apps, {told['token_count']} tokens,"
        f" {told['account_count']} accounts"
    )
