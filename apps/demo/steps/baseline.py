"""Step 3: the admin approves an app's scopes; the org drifts; the next reading shows it."""

from typing import Any

from apps.demo.steps import snapshot
from apps.demo.steps.run import Run
from apps.demo.visitor import StepFailed

APP = "Case Summariser"
DRIFT = "full"


def do(run: Run) -> None:
    """Approve what is granted now, then let somebody in the org grant more."""
    admin = run.person("admin")
    app = _app(run)
    approved = admin.post(f"/api/v1/apps/{app['id']}/baseline/", {"code": admin.code()})
    run.say(f"    {app['label']}: approved {', '.join(approved['scopes'])}")
    run.org.change(
        "ExtlClntAppOauthSettings",
        where={"ExternalClientApplicationId": app["app_key"].partition(":")[2]},
        values={"OauthScopesFULL": True},
    )
    snapshot.do(run)
    told = _app(run)
    if told["standing"] != "deviates" or told["beyond"] != [DRIFT]:
        raise StepFailed(f"the drift does not show: {told['words']}")
    run.say(f"    after a change in the org: {told['words']}")


def _app(run: Run) -> dict[str, Any]:
    apps = run.person("admin").get(f"/api/v1/connections/{run.found['connection']}/apps/")
    found: dict[str, Any] = next(app for app in apps if app["label"] == APP)
    return found
