"""Declaring an app's purpose, and approving it, in the browser."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.accounts import services as accounts
from apps.accounts.errors import FactorRefused, WrongCode
from apps.accounts.models import User
from apps.common.clock import database_now
from apps.common.errors import DomainError, Invalid, NotFound
from apps.common.pages import page
from apps.crm.models import SnapshotApp
from apps.posture import policies, selectors
from apps.posture.models import AppPurpose
from apps.posture.purposes import services
from apps.tenancy.views import acting


@never_cache
@require_http_methods(["GET", "POST"])
def purpose(request: HttpRequest, app_id: UUID) -> HttpResponse:
    """Propose what an app may need. `act=approve` with a code puts the proposal into force;
    `act=refuse` ends it."""
    actor = acting(request)
    app = selectors.get_app_for(actor=actor, app_id=app_id)
    org = app.snapshot.connection
    policies.may_propose_purpose(actor, org).require()
    typed = {name: request.POST.get(name, "") for name in ("words", *services.LISTS)}
    error: DomainError | None = None
    code = request.POST.get("code", "")
    if request.method == "POST":
        try:
            said = _act(actor, app, request.POST.get("act", ""), typed, code)
        except (Invalid, WrongCode, FactorRefused) as refused:
            error = refused
        else:
            messages.success(request, said)
            return redirect("posture:app", app.pk)
    newest = selectors.list_purposes(org, app.app_key).first()
    if request.method == "GET":
        typed = _filled(newest, app)
    waiting = newest if newest and newest.state == AppPurpose.State.PROPOSED else None
    context = {
        "app": app, "org": org, "typed": typed, "error": error, "waiting": waiting,
        "may_approve": policies.may_approve_purpose(actor, waiting) if waiting else None,
    }  # fmt: skip
    title = f"What {app.label} is for"
    return page(request, "posture/purpose.html", context, title=title, status=422 if error else 200)


def _act(actor: User, app: SnapshotApp, act: str, typed: dict[str, str], code: str) -> str:
    now = database_now()
    if act not in ("approve", "refuse"):
        lists = {name: services.names_in(typed[name], field=name) for name in services.LISTS}
        services.propose_purpose(actor=actor, app=app, words=typed["words"], now=now, **lists)
        return "Proposed. A tenant admin other than you approves it."
    waiting = selectors.list_purposes(app.snapshot.connection, app.app_key).first()
    if waiting is None:
        raise NotFound("No purpose of this app waits for approval.")
    policies.may_approve_purpose(actor, waiting).require()
    if act == "refuse":
        services.refuse_purpose(actor=actor, purpose=waiting, now=now)
        return "Refused. What was in force stays in force."
    factor = accounts.prove(
        user=actor, code=code, decision=services.DECISION, subject=waiting.content_hash, now=now
    )
    services.approve_purpose(actor=actor, purpose=waiting, factor=factor, now=now)
    return f"The purpose of {app.label} is in force."


def _filled(newest: AppPurpose | None, app: SnapshotApp) -> dict[str, str]:
    if newest is None:
        return {"words": "", **dict.fromkeys(services.LISTS, "")}
    lists = {name: ", ".join(getattr(newest, name)) for name in services.LISTS}
    return {"words": newest.words, **lists}
