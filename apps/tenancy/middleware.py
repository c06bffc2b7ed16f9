"""The scope of a request, and the gate that every route's policy is asked at."""

import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils.http import urlencode

from apps.accounts.models import User
from apps.common.api import problems
from apps.common.errors import Denied, DomainError
from apps.common.pages import refusal_page
from apps.common.refusals import record_refusal
from apps.common.routes import PASSWORD_ONLY, PUBLIC, VERIFIED, methods_of, policy_of
from apps.common.scope import after_rollback, scoped
from apps.ledger.errors import NotRecorded
from apps.ledger.spool import trouble
from apps.tenancy import policies
from apps.tenancy.identity import Identity, identify
from apps.tenancy.models import Membership
from apps.tenancy.roles import powers_of

log = logging.getLogger(__name__)
Handler = Callable[[HttpRequest], HttpResponse]


def is_api(request: HttpRequest) -> bool:
    """Whether the caller expects problem documents rather than pages."""
    return request.path.startswith("/api/")


class ScopeMiddleware:
    """Opens the transaction and scope of a request, with the tenant the person really belongs to.

    Refusals undo the whole request; what must outlive that (the refusal's ledger entry, counters
    of wrong codes) is settled afterwards.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _brings_its_own_scope(request):
            request.__dict__.update(identity=Identity(), powers=frozenset(), tenant_id=None)
            return self.get_response(request)
        try:
            identity = identify(request)
        except DomainError as error:
            return problems.response(error)
        request.__dict__["identity"] = identity
        with scoped(user_id=identity.user_id):
            roles = _roles_by_tenant(identity)
            tenant_id = identity.tenant_id if identity.tenant_id in roles else None
            if tenant_id is None and len(roles) == 1 and identity.token_id is None:
                tenant_id = next(iter(roles))
            held = powers_of(frozenset(roles.get(tenant_id, ())))
            request.__dict__["powers"] = held & identity.powers if identity.token_id else held
            request.__dict__["tenant_id"] = tenant_id
        with scoped(user_id=identity.user_id, tenant_id=tenant_id):
            response = self.get_response(request)
            _remember_denial(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, DatabaseError):
            exception = _as_refusal(exception)
        if not isinstance(exception, DomainError):
            return None
        return refuse(request, exception)


class GateMiddleware:
    """Asks each route's policy. A route that names none is closed."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        policy = policy_of(view, request.method or "GET")
        identity: Identity = request.__dict__["identity"]
        if identity.token_id is not None:
            if not is_api(request) or identity.user_id is None:
                return _ask_to_sign_in(request)  # pages are for people in front of them
            request.user = _holder(identity.user_id, identity.powers)
        if policy == PUBLIC:
            return _let_in(request)
        if not request.user.is_authenticated:
            return _ask_to_sign_in(request)
        if policy == PASSWORD_ONLY:
            return _let_in(request)
        if not _is_verified(request):
            return _ask_to_sign_in(request, step="second-factor")
        if policy == VERIFIED:
            return _let_in(request)
        if policy is None and methods_of(view):
            return _not_this_method(request, methods_of(view))
        return _ask_policy(request, policy)


def _as_refusal(failure: DatabaseError) -> Exception:
    """A database that takes no writes now is no fault of the console's; the person can wait."""
    code = trouble.code_of(failure)
    if code not in {trouble.READ_ONLY, trouble.DISK_FULL}:
        return failure
    log.warning("nothing could be written: %s", trouble.words_of(code))
    return NotRecorded(
        "The console can be read, but nothing can be changed now, so nothing was done. Try again;"
        " if it stays so, tell whoever runs the console."
    )


def refuse(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Undo the request, remember a denial, and answer in the caller's language."""
    response = problems.response(error) if is_api(request) else refusal_page(request, error)
    problems.note_failure(request, error)  # last: nothing can be read once the undoing is decided
    return response


def _not_this_method(request: HttpRequest, allowed: list[str]) -> HttpResponse:
    error = _MethodNotAllowed(f"This address takes {' and '.join(allowed)} only.")
    response = problems.response(error) if is_api(request) else refusal_page(request, error)
    response["Allow"] = ", ".join(allowed)
    return response


class _MethodNotAllowed(DomainError):
    """The address exists; this method does not."""

    code = "method_not_allowed"
    status = 405
    title = "That cannot be done here"


def _brings_its_own_scope(request: HttpRequest) -> bool:
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return False
    return bool(getattr(view, "own_scope", False))


def _remember_denial(request: HttpRequest) -> None:
    denied, user = request.__dict__.get("failure"), request.user
    if isinstance(denied, Denied) and request.__dict__["tenant_id"] and isinstance(user, User):
        after_rollback(lambda: record_refusal(user, denied))


def _to_choose(request: HttpRequest) -> HttpResponse:
    """The list of tenants, which leads back to the page that was asked for."""
    onwards = f"?{urlencode({'next': request.get_full_path()})}" if request.method == "GET" else ""
    return redirect(f"{reverse('tenancy:choose')}{onwards}")


def _ask_policy(request: HttpRequest, policy: str | None) -> HttpResponse | None:
    if policy is None:
        denied = Denied(
            "This address names no policy, so it is closed.", rule="route-without-policy"
        )
        return refuse(request, denied)
    if request.__dict__.get("tenant_id") is None:
        denied = Denied("You belong to no tenant that is selected here.", rule="no-tenant")
        return refuse(request, denied) if is_api(request) else _to_choose(request)
    if policy in request.__dict__["powers"]:
        return _let_in(request)
    decision = policies.may(request.user, policy)  # type: ignore[arg-type]
    return refuse(request, Denied(decision.reason, rule=decision.rule))


def _let_in(request: HttpRequest) -> HttpResponse | None:
    request.__dict__["gate_passed"] = True
    return None


def _holder(user_id: UUID, powers: frozenset[str]) -> User:
    """The person behind an API token, with no more power than it names."""
    user = User.objects.get(pk=user_id)
    user.narrowed_to = powers
    return user


def _is_verified(request: HttpRequest) -> bool:
    identity: Identity = request.__dict__["identity"]
    return identity.token_id is not None or bool(request.user.is_verified())  # type: ignore[union-attr]


def _ask_to_sign_in(request: HttpRequest, *, step: str = "signin") -> HttpResponse:
    if is_api(request):
        return problems.response(_SignInFirst("Sign in, or send an API token."))
    target = "accounts:second-factor" if step == "second-factor" else "accounts:signin"
    response = redirect(target)
    if request.method == "GET" and request.path != "/":
        response["Location"] += f"?{urlencode({'next': request.get_full_path()})}"
    return response


class _SignInFirst(DomainError):
    """Nobody is signed in, or the second factor is missing."""

    code = "not_authenticated"
    status = 401
    title = "Please sign in"


def _roles_by_tenant(identity: Identity) -> dict[Any, list[str]]:
    roles: dict[Any, list[str]] = {}
    if identity.user_id is not None:
        rows = Membership.objects.filter(user_id=identity.user_id, user__is_active=True)
        for tenant_id, role in rows.values_list("tenant_id", "role"):
            roles.setdefault(tenant_id, []).append(role)
    return roles
