"""What has happened at the demo's first tenant before anybody signs in, done as people do it.

The steps of the main job run until there is one thing left for each person to decide: a drifted
app for the admin, an emergency request for the approvers, a review for the reviewer, and a ledger
full enough for the auditor.
"""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from django.conf import settings

from apps.breakglass.models import Request
from apps.breakglass.states import State
from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.crm.models import Connection
from apps.demo.orgs import Org
from apps.demo.steps import baseline, connect, snapshot, sync
from apps.demo.steps.run import Run, Say
from apps.demo.visitor import StepFailed
from apps.ledger.models import Verification
from apps.tenancy.models import Tenant

CASE = "M-2231"
PATIENCE_S = 30
WHY = (
    "Single sign-on has been down since 02:50 and the hearing in matter M-2231 begins at nine. "
    "Counsel needs the case's status to answer the court."
)


def tell(tenant: Tenant, org: Org, *, console_url: str, say: Say) -> None:
    """Do it once. Later, only the emergency request is asked again when the last one is over,
    because it waits for an hour and no longer."""
    run = Run(
        console_url=console_url,
        org=org,
        packs=Path(settings.VAR) / "packs",
        tenant_id=tenant.pk,
        say=_quietly,
    )
    with scoped(tenant_id=tenant.pk):
        begun, last = Connection.objects.exists(), _last_request()
    if begun:
        if last and not _still_waits(last):
            _ask_again(run, last, say)
        return
    for words, step in (
        ("connecting acme-prod", connect.do),
        ("reading its inventory", snapshot.do),
        ("approving a baseline, which then drifts", baseline.do),
        ("summarising open cases", sync.do),
        ("opening a review", _open_review),
        ("asking for emergency access", _ask_for_access),
        ("verifying the ledger and running the checks of the controls", _look_at_everything),
    ):
        say(f"  {words} …")
        step(run)


def _quietly(words: str) -> None:
    """The steps' own findings are for the main job; the demo only says what it is doing."""


def _open_review(run: Run) -> None:
    due = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    run.person("admin").post(
        "/api/v1/reviews/campaigns/", {"snapshot": run.found["snapshot"], "due_at": due}
    )


def _look_at_everything(run: Run) -> None:
    """As happens every night: so that the first pack tells how the controls stand."""
    admin = run.person("admin")
    admin.press("/ledger/verifications/now/", seen_at="/ledger/verifications/")
    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends:
        with scoped(tenant_id=run.tenant_id):
            if Verification.objects.exists():
                break
        time.sleep(0.2)
    admin.post("/api/v1/controls/run/")


def _last_request() -> Request | None:
    return Request.objects.filter(case_reference=CASE).order_by("-created_at").first()


def _still_waits(last: Request) -> bool:
    """Whether its requester waits on that org. One that ran out while nothing ran is swept soon."""
    ends = time.monotonic() + PATIENCE_S
    while True:
        with scoped(tenant_id=last.tenant_id):
            row = Request.objects.filter(
                requester=last.requester_id, connection=last.connection_id, state=State.PENDING
            ).first()
            if row is None:
                return False
            if not row.expires_at or row.expires_at > database_now() or time.monotonic() > ends:
                return True
        time.sleep(1)


def _ask_again(run: Run, last: Request, say: Say) -> None:
    say("  asking for emergency access again …")
    try:
        _post_request(run, connection=str(last.connection_id), scope=last.scope)
    except (StepFailed, requests.RequestException) as error:
        say(f"    not asked: {error}")  # the visitor may have changed roles or the org


def _ask_for_access(run: Run) -> None:
    fields = ["CaseNumber", "Subject", "Status", "Priority"]
    scope = {"Case": {"fields": fields, "records": run.found["records"][:3]}}
    _post_request(run, connection=run.found["connection"], scope=scope)


def _post_request(run: Run, *, connection: str, scope: dict[str, Any]) -> None:
    run.person("operator").post(
        "/api/v1/emergency/requests/",
        {
            "connection": connection,
            "scope": scope,
            "networks": ["127.0.0.0/8"],
            "minutes": 120,
            "justification": WHY,
            "case_reference": CASE,
        },
    )
