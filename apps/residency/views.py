"""The policy page: zones, classes and rules, the draft's changes, and putting them in force."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts import services as accounts
from apps.accounts.errors import FactorRefused, WrongCode
from apps.common import powers
from apps.common.clock import database_now
from apps.common.errors import DomainError, Invalid
from apps.common.pages import page
from apps.residency import drafting, forms, residents, rules, selectors, services, words
from apps.residency.compiled import hash_of
from apps.residency.jurisdictions import name_of
from apps.residency.models import DataClass, Effect, FlowRule, Purpose
from apps.tenancy.views import acting

SAVED = "Kept in the draft. It decides nothing before it is published."


@require_GET
def policy(request: HttpRequest) -> HttpResponse:
    """Zones, classes and rules as they are and as the draft would have them."""
    return _policy_page(request)


@require_POST
def add_zone(request: HttpRequest) -> HttpResponse:
    """A zone for the draft."""
    return _try(
        request,
        "zone",
        lambda: services.add_zone(
            actor=acting(request),
            name=request.POST.get("zone_name", ""),
            jurisdictions=forms.codes(request.POST.get("jurisdictions", "")),
            networks=forms.codes(request.POST.get("networks", "")),
            now=database_now(),
        ),
    )


@require_http_methods(["GET", "POST"])
def change_zone(request: HttpRequest, zone_id: UUID) -> HttpResponse:
    """Say where a zone lies and which address ranges belong to it."""
    zone, error = selectors.get_zone(zone_id=zone_id), None
    typed = {
        name: request.POST.get(name, ", ".join(getattr(zone, name)))
        for name in ("jurisdictions", "networks")
    }
    if request.method == "POST":
        try:
            services.change_zone(
                actor=acting(request),
                zone_id=zone_id,
                jurisdictions=forms.codes(typed["jurisdictions"]),
                networks=forms.codes(typed["networks"]),
                now=database_now(),
            )
        except Invalid as invalid:
            error = invalid
        else:
            messages.success(request, SAVED)
            return redirect("residency:policy")
    context = {"zone": zone, "typed": typed, "error": error}
    return page(
        request,
        "residency/zone.html",
        context,
        title=f"Where {zone.name} lies",
        status=422 if error else 200,
    )


@require_POST
def classify(request: HttpRequest) -> HttpResponse:
    """A field's class for the draft."""
    return _try(
        request,
        "field",
        lambda: services.classify_field(
            actor=acting(request),
            object_name=request.POST.get("object_name", ""),
            field_name=request.POST.get("field_name", ""),
            data_class=request.POST.get("field_class", ""),
            now=database_now(),
        ),
    )


@require_POST
def add_rule(request: HttpRequest) -> HttpResponse:
    """A rule for the draft."""
    return _try(
        request,
        "rule",
        lambda: rules.add_rule(
            actor=acting(request), rule=forms.rule_from(request.POST), now=database_now()
        ),
    )


@require_POST
def remove_rule(request: HttpRequest, name: str) -> HttpResponse:
    """Take a rule out of the draft."""
    rules.remove_rule(actor=acting(request), name=name, now=database_now())
    messages.success(request, SAVED)
    return redirect("residency:policy")


@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest) -> HttpResponse:
    """Show what would change, and put exactly that in force with a fresh code."""
    content = drafting.content_of_draft()
    shown, error = hash_of(content), None
    if request.method == "POST":
        try:
            version = _publish(request, request.POST.get("content_hash", ""))
        except (WrongCode, FactorRefused) as refused:
            error = refused
        else:
            messages.success(request, f"Policy version {version} is in force.")
            return redirect("residency:policy")
    current = selectors.current_version()
    context = {
        "draft": selectors.current_draft(),
        "current": current,
        "changes": drafting.difference(current, content),
        "content_hash": shown,
        "error": error,
    }
    return page(
        request,
        "residency/publish.html",
        context,
        title="Publish the policy",
        status=422 if error else 200,
    )


def _publish(request: HttpRequest, content_hash: str) -> int:
    person, now = acting(request), database_now()
    factor = accounts.prove(
        user=person,
        code=request.POST.get("code", ""),
        decision=services.PUBLISH,
        subject=content_hash[:128],
        now=now,
    )
    return services.publish(actor=person, content_hash=content_hash, factor=factor, now=now).number


def _try(request: HttpRequest, form: str, act: Callable[[], object]) -> HttpResponse:
    try:
        act()
    except Invalid as error:
        return _policy_page(request, form=form, error=error)
    messages.success(request, SAVED)
    return redirect("residency:policy")


def _policy_page(
    request: HttpRequest, *, form: str = "", error: DomainError | None = None
) -> HttpResponse:
    current, draft = selectors.current_version(), selectors.current_draft()
    content = drafting.content_of_draft() if draft else None
    context = {
        "current": current,
        "draft": draft,
        "changes": drafting.difference(current, content) if content else [],
        "zones": _zones(),
        "classes": selectors.list_field_classes(),
        "rules": [(rule, words.rule_row(rule)) for rule in selectors.list_rules(draft or current)],
        "versions": selectors.list_versions()[:10],
        "may_change": powers.MANAGE_POLICY in request.__dict__["powers"],
        "errors": {form: forms.errors_by_input(form, error)} if error else {},
        "typed": {form: request.POST} if error else {},
        **_choices(),
    }
    return page(
        request,
        "residency/policy.html",
        context,
        title="Zones & policy",
        status=422 if error else 200,
    )


def _choices() -> dict[str, Any]:
    return {
        "data_classes": DataClass.choices,
        "rule_classes": FlowRule.CLASSES,
        "effects": Effect.choices,
        "purposes": Purpose.choices,
        "zone_choices": [(str(zone.pk), zone.name) for zone in selectors.list_zones()],
    }


def _zones() -> list[dict[str, Any]]:
    inside = residents.by_zone()
    return [
        {
            "zone": zone,
            "places": [(code, name_of(code)) for code in zone.jurisdictions],
            "residents": inside.get(zone.pk, {}),
        }
        for zone in selectors.list_zones()
    ]
