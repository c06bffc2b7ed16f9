"""Service accounts in the browser, and ending access: preview, fresh code, progress, proof."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from apps.accounts import services as accounts
from apps.accounts.errors import FactorRefused, WrongCode
from apps.accounts.models import User
from apps.common import powers
from apps.common.clock import database_now
from apps.common.pages import page
from apps.crm import selectors as crm
from apps.crm.eventlogs.usage import used_by_account, used_by_app
from apps.crm.models import Connection, SnapshotAccount, SnapshotAssignment, SnapshotToken
from apps.ledger import selectors as ledger
from apps.ledger.registry import words_for
from apps.posture import policies, selectors
from apps.posture.models import Revocation, RevokedGrant
from apps.posture.revocations import reading, steps
from apps.posture.revocations.planning import Plan, plan_for_account, plan_for_app
from apps.posture.scopes.holding import account_of
from apps.posture.scopes.proposing import Proposal, permission_set_xml, proposal_csv, propose
from apps.posture.scopes.seeing import accounts_of, reach_of_accounts
from apps.tenancy import policies as tenancy
from apps.tenancy.views import acting

TONES = {
    Revocation.State.RUNNING: "attention",
    Revocation.State.VERIFYING: "attention",
    Revocation.State.VERIFIED: "good",
    Revocation.State.EXCEPTIONS: "danger",
}
MOST_ROWS = 200


@require_GET
def service_accounts(request: HttpRequest) -> HttpResponse:
    """Integration users of one org, the far-reaching first."""
    orgs = [org for org in crm.list_connections() if org.state != Connection.State.DISCONNECTED]
    wanted = request.GET.get("org", "")
    org = next((each for each in orgs if str(each.pk) == wanted), orgs[0] if orgs else None)
    snapshot = crm.latest_snapshot(org) if org else None
    found = accounts_of(snapshot) if snapshot else []
    context = {
        "orgs": orgs,
        "org": org,
        "snapshot": snapshot,
        "accounts": found,
        "dangerous": sum(bool(each.dangerous) for each in found),
        "unknown": sum(not each.is_known for each in found),
    }
    return page(request, "posture/accounts/list.html", context, title="Service accounts")


@require_GET
def service_account(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """What one account holds and by which path, its tokens, and what would be enough."""
    actor = acting(request)
    row = reading.get_account_for(actor=actor, account_id=account_id)
    org = row.snapshot.connection
    given = SnapshotAssignment.objects.filter(account=row).select_related("account")
    context = {
        "account": account_of(row, given),
        "org": org,
        "tokens": SnapshotToken.objects.filter(
            snapshot=row.snapshot, user_id=row.org_user_id
        ).count(),
        "proposal": _proposal(row),
        "revocations": reading.list_revocations(
            connection_id=org.pk, of=Revocation.Of.ACCOUNT, target_ref=row.org_user_id
        )[:10],
        "may_revoke": policies.may_revoke(actor, org),
    }
    title = row.username or row.org_user_id
    return page(request, "posture/accounts/one.html", context, title=title)


@require_GET
def proposed_set(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """The proposed permission set as metadata XML, or beside what is given with `?as=csv`.
    Applying it is the org's admin's act."""
    row = reading.get_account_for(actor=acting(request), account_id=account_id)
    proposal = _proposal(row)
    if request.GET.get("as") == "csv":
        answer = HttpResponse(proposal_csv(proposal), content_type="text/csv; charset=utf-8")
        name = f"Least_{row.org_user_id}.csv"
    else:
        answer = HttpResponse(permission_set_xml(proposal), content_type="application/xml")
        name = f"Least_{row.org_user_id}.permissionset-meta.xml"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@never_cache
@require_http_methods(["GET", "POST"])
def revoke_account(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """Everything that ending an account's access ends, then a fresh code."""
    row = reading.get_account_for(actor=acting(request), account_id=account_id)
    back = reverse("posture:service-account", args=[row.pk])
    return _revoke(request, plan_for_account(row), back)


@never_cache
@require_http_methods(["GET", "POST"])
def revoke_app(request: HttpRequest, app_id: UUID) -> HttpResponse:
    """Everything that ending an app's access ends, then a fresh code."""
    found = selectors.get_app_for(actor=acting(request), app_id=app_id)
    return _revoke(request, plan_for_app(found), reverse("posture:app", args=[found.pk]))


@require_GET
def revocation(request: HttpRequest, revocation_id: UUID) -> HttpResponse:
    """How far a revocation is, and its proof."""
    actor = acting(request)
    found = reading.get_revocation_for(actor=actor, revocation_id=revocation_id)
    grants = RevokedGrant.objects.filter(revocation=found)
    context = {
        **_progress(found),
        "open_grants": grants.exclude(state__in=["gone", "missing"]).order_by("position")[
            :MOST_ROWS
        ],
        "path": [
            {"row": event, "words": words_for(event.action)} for event in ledger.list_path_of(found)
        ],
        "may_read_ledger": tenancy.may(actor, powers.READ_LEDGER).allowed,
    }
    title = f"Revocation of {found.label}"
    return page(request, "posture/accounts/revocation.html", context, title=title)


@never_cache
@require_GET
def revocation_progress(request: HttpRequest, revocation_id: UUID) -> HttpResponse:
    """The live part; reloads the page once the revocation is over."""
    found = reading.get_revocation_for(actor=acting(request), revocation_id=revocation_id)
    answer = render(request, "posture/accounts/_progress.html", _progress(found))
    if found.ended_at:
        answer["HX-Refresh"] = "true"
    return answer


def _revoke(request: HttpRequest, plan: Plan, back: str) -> HttpResponse:
    actor = acting(request)
    policies.may_revoke(actor, plan.connection).require()
    error: WrongCode | FactorRefused | None = None
    if request.method == "POST":
        try:
            begun = _begin(actor, plan, request.POST)
        except (WrongCode, FactorRefused) as refused:
            error = refused
        else:
            messages.success(request, "The revocation has begun.")
            return redirect("posture:revocation", begun.pk)
    context = {"plan": plan, "org": plan.connection, "error": error, "back": back}
    title = f"End the access of {plan.label}"
    status = 422 if error else 200
    return page(request, "posture/accounts/revoke.html", context, title=title, status=status)


def _begin(actor: User, plan: Plan, given: Any) -> Revocation:
    now = database_now()
    factor = accounts.prove(
        user=actor,
        code=given.get("code", ""),
        decision=steps.DECISION,
        subject=plan.content_hash,
        now=now,
    )
    return steps.begin_revocation(actor=actor, plan=plan, factor=factor, now=now)


def _proposal(row: SnapshotAccount) -> Proposal:
    org, now = row.snapshot.connection, database_now()
    since = now - selectors.USE_WINDOW
    return propose(
        used_by_app(org, since=since, until=now),
        used_by_account(org, row.org_user_id, since=since, until=now),
        reach_of_accounts([row])[row.pk],
        user_id=row.org_user_id,
        watched=org.watched_objects,
    )


def _progress(found: Revocation) -> dict[str, Any]:
    counts = reading.counts_of(found)
    total = sum(counts.values())
    address = "" if found.ended_at else reverse("posture:revocation-progress", args=[found.pk])
    left = counts.get(RevokedGrant.State.EXECUTED, 0)
    return {
        "revocation": found,
        "tone": TONES[Revocation.State(found.state)],
        "counts": counts,
        "gone": counts.get("gone", 0) + counts.get("missing", 0),
        "failed": counts.get("failed", 0),
        "returned": counts.get("reappeared", 0),
        "total": total,
        "done": total - counts.get(RevokedGrant.State.QUEUED, 0),
        "detail": f"{left} revoked and not yet proven. {found.note}".strip(),
        "poll_url": address,
    }
