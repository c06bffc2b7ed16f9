"""Step 1: the tenant admin signs in and connects a Salesforce org by JWT bearer."""

from apps.demo.steps.run import Run
from apps.demo.visitor import StepFailed


def do(run: Run) -> None:
    """Connect `acme-prod` and wait until the org has answered."""
    admin = run.person("admin")
    zones = admin.get("/api/v1/zones/")["results"]
    [zone] = [zone for zone in zones if zone["name"] == "EU core"]
    connection = admin.post(
        "/api/v1/connections/",
        {
            "name": "acme-prod",
            "host": run.org.host,
            "zone_id": zone["id"],
            "flow": "jwt_bearer",
            "client_id": run.org.consumer_key,
            "username": run.org.username,
            "private_key": run.org.private_key_pem,
            "code": admin.code(),
        },
    )
    told = admin.wait_for(
        f"/api/v1/connections/{connection['id']}/", lambda told: told["state"] != "connecting"
    )
    if told["state"] != "healthy":
        raise StepFailed(f"the org did not answer: {told['last_error']}")
    run.found["connection"] = told["id"]
    run.say(f"    {told['name']}: org {told['org_id']} on {told['instance_name']}, healthy")
