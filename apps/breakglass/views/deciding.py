"""The pages that decide: made for a phone, at night, one-handed."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from apps.accounts import services as accounts
from apps.accounts.errors import FactorRefused, WrongCode
from apps.accounts.models import User
from apps.breakglass import policies, presenting, selectors, services
from apps.breakglass.models import Request
from apps.breakglass.services.deciding import APPROVE_DECISION
from apps.breakglass.states import State
from apps.breakglass.views.request import about
from apps.common.clock import database_now
from apps.common.errors import DomainError, Invalid
from apps.common.pages import page
from apps.tenancy.roles import Role
from apps.tenancy.views import acting


@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """What is asked, why, and who is still needed; a code and one button sign it."""
    actor = acting(request)
    asked = selectors.get_request_for(actor=actor, request_id=request_id)
    error: DomainError | None = None
    if request.method == "POST":
        try:
            after = _approve(request, actor, asked)
        except (WrongCode, FactorRefused) as refused:
            error = refused
        else:
            return _thanks(request, after)
    roles = presenting.roles_to_sign(actor, asked)
    context = {
        **about(actor, asked),
        "error": error,
        "roles": [(role, Role(role).label) for role in roles],
        "signed_by_you": presenting.has_signed(actor, asked),
        "why_not": _why_not(actor, asked),
    }
    title = f"Emergency access to {asked.connection.name}"
    status = 422 if error else 200
    return page(request, "breakglass/decide.html", context, title=title, status=status)


@require_http_methods(["GET", "POST"])
def refuse(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Say no, with a reason that the requester reads."""
    actor = acting(request)
    asked = selectors.get_request_for(actor=actor, request_id=request_id)
    policies.may_deny(actor=actor, request=asked).require()
    error: Invalid | None = None
    if request.method == "POST":
        reason = request.POST.get("reason", "")
        try:
            services.deny(actor=actor, request_id=request_id, reason=reason, now=database_now())
        except Invalid as invalid:
            error = invalid
        else:
            messages.success(request, "You refused the request. Nothing was opened.")
            return redirect("breakglass:request", request_id)
    context = {**about(actor, asked), "error": error, "typed": request.POST.dict()}
    title = "Refuse emergency access"
    status = 422 if error else 200
    return page(request, "breakglass/refuse.html", context, title=title, status=status)


def _approve(request: HttpRequest, actor: User, asked: Request) -> Request:
    """The factor is bound to the content that was on the page, not to what is stored now."""
    now, role = database_now(), request.POST.get("role", "")
    policies.may_approve(actor=actor, request=asked, role=role).require()
    factor = accounts.prove(
        user=actor,
        code=request.POST.get("code", ""),
        decision=APPROVE_DECISION,
        subject=request.POST.get("content_hash", "")[:64],
        now=now,
    )
    return services.approve(
        actor=actor,
        request_id=asked.pk,
        role=role,
        factor=factor,
        now=now,
        address=request.META.get("REMOTE_ADDR", ""),
    )


def _thanks(request: HttpRequest, after: Request) -> HttpResponse:
    if after.state == State.ACTIVE:
        words = presenting.duration_in_words(after.duration)
        messages.success(request, f"Signed. The quorum is complete: access for {words} has begun.")
    else:
        messages.success(request, f"Signed. {presenting.needs_in_words(after)} before it opens.")
    return redirect("breakglass:request", after.pk)


def _why_not(actor: User, asked: Request) -> str:
    """Why this person cannot sign, for the page to say instead of offering a form."""
    decision = policies.may_deny(actor=actor, request=asked)
    return decision.reason
