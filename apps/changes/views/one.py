"""One change: what, why, whom it touches, and the decision, made for one hand."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts import services as accounts
from apps.accounts.errors import FactorRefused, WrongCode
from apps.accounts.models import User
from apps.changes import policies, presenting, selectors, services
from apps.changes.errors import ContentChanged, StaleBase
from apps.changes.kinds import kind_of
from apps.changes.models import Proposal
from apps.changes.services.deciding import hash_of_preflight
from apps.changes.states import UNDER_WAY, State
from apps.common.clock import database_now
from apps.common.decisions import Decision, deny
from apps.common.errors import DomainError, Invalid, NotFound
from apps.common.pages import page
from apps.tenancy.views import acting


@never_cache
@require_http_methods(["GET", "POST"])
def proposal(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """The whole of it; POST approves exactly what was on the page."""
    actor = acting(request)
    found = selectors.get_proposal_for(actor=actor, proposal_id=proposal_id)
    error: DomainError | None = None
    if request.method == "POST":
        try:
            _approve(request, actor, found)
        except (WrongCode, FactorRefused, ContentChanged, StaleBase) as refused:
            error = refused
        else:
            messages.success(request, "Approved. It is applied and checked now.")
            return redirect("changes:proposal", found.pk)
    context = {**_about(actor, found), "error": error}
    status = 422 if error else 200
    return page(request, "changes/proposal.html", context, title=str(found), status=status)


@never_cache
@require_GET
def progress(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """The live part; reloads the page once the change is kept or undone."""
    found = selectors.get_proposal_for(actor=acting(request), proposal_id=proposal_id)
    answer = render(request, "changes/_under_way.html", _progress(found))
    if found.state not in UNDER_WAY:
        answer["HX-Refresh"] = "true"
    return answer


@require_http_methods(["GET", "POST"])
def refuse(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """Say no, with a reason that its author reads."""
    actor = acting(request)
    found = selectors.get_proposal_for(actor=actor, proposal_id=proposal_id)
    policies.may_refuse(actor, found).require()
    error: Invalid | None = None
    if request.method == "POST":
        reason = request.POST.get("reason", "")
        try:
            services.refuse(actor=actor, proposal_id=found.pk, reason=reason, now=database_now())
        except Invalid as invalid:
            error = invalid
        else:
            messages.success(request, "You refused the change. Nothing was changed.")
            return redirect("changes:proposal", found.pk)
    who = presenting.names_by_id().get(found.author_id, presenting.GONE)
    context = {"proposal": found, "who": who, "error": error, "typed": request.POST.dict()}
    status = 422 if error else 200
    return page(request, "changes/refuse.html", context, title="Refuse a change", status=status)


@require_POST
def withdraw(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """Its author takes it back."""
    actor = acting(request)
    selectors.get_proposal_for(actor=actor, proposal_id=proposal_id)
    services.withdraw(actor=actor, proposal_id=proposal_id, now=database_now())
    messages.success(request, "You withdrew the change. Nothing was changed.")
    return redirect("changes:proposal", proposal_id)


@never_cache
@require_http_methods(["GET", "POST"])
def go_back(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """Back to the last good configuration, with a reason and a fresh code."""
    actor = acting(request)
    found = selectors.get_proposal_for(actor=actor, proposal_id=proposal_id)
    policies.may_go_back(actor, found).require()
    error: DomainError | None = None
    if request.method == "POST":
        try:
            _go_back(request, actor, found)
        except (Invalid, WrongCode, FactorRefused) as refused:
            error = refused
        else:
            messages.success(request, "The last good configuration is in force again.")
            return redirect("changes:proposal", found.pk)
    good = selectors.last_good(found)
    lines = kind_of(found.kind).lines(found.wanted, good.value) if good else []
    context = {"proposal": found, "error": error, "typed": request.POST.dict(), "lines": lines}
    status = 422 if error else 200
    return page(request, "changes/go_back.html", context, title="Back to last good", status=status)


def _approve(request: HttpRequest, actor: User, found: Proposal) -> None:
    now = database_now()
    policies.may_approve(actor, found).require()
    factor = accounts.prove(
        user=actor,
        code=request.POST.get("code", ""),
        decision=services.APPROVE_DECISION,
        subject=request.POST.get("content_hash", "")[:64],
        now=now,
    )
    seen = request.POST.get("seen", "")
    services.approve(actor=actor, proposal_id=found.pk, factor=factor, seen=seen, now=now)


def _go_back(request: HttpRequest, actor: User, found: Proposal) -> None:
    now, reason = database_now(), request.POST.get("reason", "")
    factor = accounts.prove(
        user=actor,
        code=request.POST.get("code", ""),
        decision=services.GO_BACK_DECISION,
        subject=found.content_hash,
        now=now,
    )
    services.go_back(actor=actor, proposal_id=found.pk, reason=reason, factor=factor, now=now)


def _about(actor: User, found: Proposal) -> dict[str, Any]:
    waiting = found.state == State.PROPOSED
    ahead = services.preflight_now(found, now=database_now())
    tone, words = presenting.shown_state(found)
    names = presenting.names_by_id()
    newest = selectors.is_newest_verified(found)
    history = selectors.list_configurations(found.kind, found.target)
    under_way = found.state in UNDER_WAY
    return {
        **(_progress(found) if under_way else {}),
        "proposal": found,
        "tone": tone,
        "words": words,
        "waiting": waiting,
        "under_way": under_way,
        "lines": kind_of(found.kind).lines(found.base, found.wanted),
        "verdict": presenting.verdict(ahead),
        "callers": presenting.callers_in_words(ahead),
        "flows": presenting.flows_in_words(ahead),
        "orgs": presenting.orgs_in_words(ahead),
        "seen": hash_of_preflight(ahead),
        "who": names.get(found.author_id, presenting.GONE),
        "approvals": [
            (names.get(each.by_id, presenting.GONE), each)
            for each in selectors.list_approvals(found)
        ],
        "may_approve": _allowed(policies.may_approve, actor, found),
        "may_withdraw": waiting and policies.may_withdraw(actor, found).allowed,
        "may_go_back": newest and _allowed(policies.may_go_back, actor, found).allowed,
        "history": list(history.select_related("proposal")[:10]),
    }


def _progress(found: Proposal) -> dict[str, Any]:
    """How many looks at it are done, and which one is next."""
    under_way = found.state in UNDER_WAY
    done, total, doing = services.progress_of(found)
    address = reverse("changes:progress", args=[found.pk]) if under_way else ""
    return {"done": done, "total": total, "detail": doing, "poll_url": address}


def _allowed(rule: Any, actor: User, found: Proposal) -> Decision:
    try:
        decision: Decision = rule(actor, found)
    except NotFound as gone:
        return deny("thing-is-gone", gone.message)
    return decision
