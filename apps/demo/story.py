"""What has happened at the demo's first tenant before anybody signs in, done as people do it.

The steps of the main job run until there is one thing left for each person to decide: a drifted
app for the admin, an emergency request for the approvers, a review for the reviewer, and a ledger
full enough for the auditor.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

from apps.common.scope import scoped
from apps.crm.models import Connection
from apps.demo.orgs import Org
from apps.demo.steps import baseline, connect, snapshot, sync
from apps.demo.steps.run import Run, Say
from apps.tenancy.models import Tenant

WHY = (
    "Single sign-on has been down since 02:50 and the hearing in matter M-2231 begins at nine. "
    "Counsel needs the case's status to answer the court."
)


def tell(tenant: Tenant, org: Org, *, console_url: str, say: Say) -> None:
    """Do it once; a tenant that has an org already is left as it is."""
    with scoped(tenant_id=tenant.pk):
        if Connection.objects.exists():
            return
    run = Run(
        console_url=console_url,
        org=org,
        packs=Path(settings.VAR) / "packs",
        tenant_id=tenant.pk,
        say=_quietly,
    )
    for words, step in (
        ("connecting acme-prod", connect.do),
        ("reading its inventory", snapshot.do),
        ("approving a baseline, which then drifts", baseline.do),
        ("summarising open cases", sync.do),
        ("opening a review", _open_review),
        ("asking for emergency access", _ask_for_access),
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


def _ask_for_access(run: Run) -> None:
    run.person("operator").post(
        "/api/v1/emergency/requests/",
        {
            "connection": run.found["connection"],
            "scope": {
                "Case": {
                    "fields": ["CaseNumber", "Subject", "Status", "Priority"],
                    "records": run.found["records"][:3],
                }
            },
            "networks": ["127.0.0.0/8"],
            "minutes": 120,
            "justification": WHY,
            "case_reference": "M-2231",
        },
    )
