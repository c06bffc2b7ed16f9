"""Entering a tenant, changing it, and its people."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.errors import CODE_REFUSED
from apps.common.clock import database_now
from apps.common.errors import DomainError, Invalid, NotFound
from apps.common.pages import page
from apps.common.scope import scoped
from apps.tenancy import identity, selectors, services
from apps.tenancy.identity import SESSION_TENANT
from apps.tenancy.roles import Role

acting = identity.acting  # what the edges of all apps ask


def enter(request: HttpRequest) -> HttpResponse:
    """After sign-in: straight in with one tenant, else the list to choose from."""
    tenants = list(selectors.list_tenants_of(acting(request)))
    if len(tenants) == 1:
        return _go_in(request, tenants[0].pk)
    return redirect(f"{reverse('tenancy:choose')}?{request.GET.urlencode()}")


def choose(request: HttpRequest) -> HttpResponse:
    """The person's tenants."""
    tenants = selectors.list_tenants_of(acting(request))
    context = {"tenants": tenants, "query": request.GET.urlencode()}
    return page(request, "tenancy/choose.html", context, title="Choose a tenant")


@require_POST
def switch(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """Work in another of the person's tenants."""
    if not selectors.list_tenants_of(acting(request)).filter(pk=tenant_id).exists():
        raise NotFound("You do not belong to that tenant.")
    return _go_in(request, tenant_id)


@require_http_methods(["GET", "POST"])
def members(request: HttpRequest) -> HttpResponse:
    """People and roles; giving a role to someone who has an account."""
    typed: dict[str, Any] = {}
    error: DomainError | None = None
    if request.method == "POST":
        typed = {"email": request.POST.get("email", ""), "role": request.POST.get("role", "")}
        try:
            given = services.add_member_by_email(
                actor=acting(request),
                code=request.POST.get("code", ""),
                now=database_now(),
                **typed,
            )
        except (Invalid, *CODE_REFUSED) as refused:
            error = refused
        else:
            messages.success(request, f"{given.user.name} now is {Role(typed['role']).label}.")
            return redirect("tenancy:members")
    context = {"members": selectors.list_members(), "roles": Role, "typed": typed, "error": error}
    return page(
        request, "tenancy/members.html", context, title="People", status=422 if error else 200
    )


@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, user_id: UUID, role: str) -> HttpResponse:
    """What taking a role away does, then doing it."""
    member = selectors.get_member(user_id=user_id)
    if role not in member.roles:
        raise NotFound("This person does not have that role.")
    error: DomainError | None = None
    if request.method == "POST":
        try:
            services.remove_member(
                actor=acting(request),
                user=member.user,
                role=role,
                code=request.POST.get("code", ""),
                now=database_now(),
            )
        except (Invalid, *CODE_REFUSED) as refused:
            error = refused
        else:
            messages.success(request, f"{member.user.name} no longer is {Role(role).label}.")
            return redirect("tenancy:members")
    context = {"member": member, "role": Role(role), "error": error}
    title = f"Take {Role(role).label} away from {member.user.name}"
    return page(request, "tenancy/remove.html", context, title=title, status=422 if error else 200)


def _go_in(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    user = acting(request)
    with scoped(tenant_id=tenant_id, user_id=user.pk):
        services.record_entry(user=user, now=database_now())
    request.session[SESSION_TENANT] = str(tenant_id)
    target = request.GET.get("next", "")
    return redirect(target if url_has_allowed_host_and_scheme(target, allowed_hosts=None) else "/")
