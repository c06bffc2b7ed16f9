"""The forms that propose a change."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from apps.accounts.models import User
from apps.changes import policies, services
from apps.changes.fields import Field, fields_of, secrets_from, wanted_from
from apps.changes.kinds import kind_of
from apps.changes.kinds.base import Value
from apps.changes.kinds.baseline import target_of
from apps.changes.kinds.policy import TARGET
from apps.changes.models import Proposal
from apps.common.clock import database_now
from apps.common.errors import Conflict, DomainError, Invalid
from apps.common.pages import page
from apps.posture import selectors as posture
from apps.tenancy.views import acting


@require_http_methods(["GET", "POST"])
def propose_networks(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """From where an API token may be used."""
    return _form(request, Proposal.Kind.TOKEN_NETWORKS, str(token_id))


@require_http_methods(["GET", "POST"])
def propose_baseline(request: HttpRequest, app_id: UUID) -> HttpResponse:
    """The scopes that an app holds now, in the place of those approved before."""
    app = posture.get_app_for(actor=acting(request), app_id=app_id)
    return _form(request, Proposal.Kind.SCOPE_BASELINE, target_of(app))


@sensitive_post_parameters("private_key", "client_secret", "refresh_token")
@require_http_methods(["GET", "POST"])
def propose_connection(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """How the console reaches an org."""
    return _form(request, Proposal.Kind.CONNECTION, str(connection_id))


@require_http_methods(["GET", "POST"])
def propose_org_networks(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """From where an org's callers may come."""
    return _form(request, Proposal.Kind.ORG_NETWORKS, str(connection_id))


@require_http_methods(["GET", "POST"])
def propose_zone_path(request: HttpRequest, zone_id: UUID) -> HttpResponse:
    """By which paths a zone's orgs may be called."""
    return _form(request, Proposal.Kind.ZONE_PATH, str(zone_id))


@require_http_methods(["GET", "POST"])
def propose_policy(request: HttpRequest) -> HttpResponse:
    """The draft of the flow policy in the place of the version in force."""
    return _form(request, Proposal.Kind.FLOW_POLICY, TARGET)


@sensitive_post_parameters("api_key")
@require_http_methods(["GET", "POST"])
def propose_endpoint(request: HttpRequest, endpoint_id: UUID) -> HttpResponse:
    """Where a model endpoint is."""
    return _form(request, Proposal.Kind.ENDPOINT, str(endpoint_id))


def _form(request: HttpRequest, code: str, target: str) -> HttpResponse:
    actor, kind = acting(request), kind_of(code)
    policies.may_propose(actor, kind=code, target=target).require()
    base, typed = kind.read(target), request.POST.dict()
    fields = fields_of(code, base, {name: str(value) for name, value in typed.items()})
    error: DomainError | None = None
    if request.method == "POST":
        try:
            made = _propose(request, actor, code, target, fields)
        except (Invalid, Conflict) as refused:
            error = refused
        else:
            messages.success(request, "Proposed. Nothing changes until somebody else approves it.")
            return redirect("changes:proposal", made.pk)
    name = kind.name_of(target)
    context = {
        "error": error,
        "name": name,
        "fields": fields,
        "lines": [] if fields else _lines(kind, target, base),
        "typed": {"reason": typed.get("reason", "")},
    }
    status = 422 if error else 200
    title = f"{Proposal.Kind(code).label}: {name}"
    return page(request, "changes/propose.html", context, title=title, status=status)


def _propose(
    request: HttpRequest, actor: User, code: str, target: str, fields: list[Field]
) -> Proposal:
    typed = {name: str(value) for name, value in request.POST.items()}
    return services.propose(
        actor=actor,
        kind=code,
        target=target,
        wanted=wanted_from(fields, typed),
        secrets=secrets_from(fields, typed),
        reason=typed.get("reason", ""),
        now=database_now(),
    )


def _lines(kind: Any, target: str, base: Value) -> list[Any]:
    found: list[Any] = kind.lines(base, kind.checked(target, {}))
    return found
