"""The keys page: data keys, the organisation's own key, sealed details of persons."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts import services as accounts
from apps.accounts.models import FreshFactor
from apps.common.clock import database_now
from apps.common.errors import Denied, DomainError
from apps.common.pages import page
from apps.custody import keylists, owning, resealing, subjects
from apps.tenancy.views import acting


@never_cache
@require_http_methods(["GET"])
def keys(request: HttpRequest) -> HttpResponse:
    """How the organisation's keys stand, and what can be done about them."""
    return _show(request, None)


@sensitive_post_parameters("key", "code")
@require_POST
def supply(request: HttpRequest) -> HttpResponse:
    """Supply, replace or restore the organisation's own key."""

    def act() -> str:
        owning.supply_key(
            actor=acting(request),
            given=request.POST.get("key", "")[:300],
            factor=_prove(request, owning.DECISION, "supply"),
            now=database_now(),
        )
        return "Your own key is in use. Revoke it, and what it protects is unreadable."

    return _acted(request, act, form="supply")


@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """Revoke the organisation's own key."""

    def act() -> str:
        factor = _prove(request, owning.DECISION, "revoke")
        owning.revoke_key(actor=acting(request), factor=factor, now=database_now())
        return "The key is revoked. Supply the same key to read and write again."

    return _acted(request, act, form="revoke")


@require_POST
def rotate(request: HttpRequest) -> HttpResponse:
    """Rotate the data key of one purpose."""
    purpose = request.POST.get("purpose", "")[:60]

    def act() -> str:
        resealing.rotate_data_key(
            actor=acting(request),
            purpose=purpose,
            factor=_prove(request, resealing.ROTATE_DECISION, purpose),
            now=database_now(),
        )
        return "New values are sealed under the new key; old ones are being resealed."

    return _acted(request, act, form="rotate")


@never_cache
@require_http_methods(["GET", "POST"])
def erase(request: HttpRequest, key_id: UUID) -> HttpResponse:
    """What erasing a person's sealed details does; then do it."""
    person, error = keylists.get_person(key_id=key_id), None
    if request.method == "POST":
        try:
            factor = _prove(request, subjects.ERASE_DECISION, str(key_id))
            subjects.erase_subject(
                actor=acting(request), subject=person.subject, factor=factor, now=database_now()
            )
        except Denied:
            raise
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, "Erased. The ledger's entries and proofs stay as they were.")
            return redirect("custody:keys")
    context = {"person": person, "error": error}
    title = f"Erase sealed details of {person.name}"
    status = error.status if error else 200
    return page(request, "custody/erase.html", context, title=title, status=status)


def _acted(request: HttpRequest, act: Callable[[], str], *, form: str) -> HttpResponse:
    try:
        messages.success(request, act())
    except Denied:
        raise
    except DomainError as refused:
        return _show(request, refused, form=form)
    return redirect("custody:keys")


def _show(request: HttpRequest, error: DomainError | None, *, form: str = "") -> HttpResponse:
    context: dict[str, Any] = {
        **keylists.overview(),
        "error": error,
        "form": form,
        "typed": {"purpose": request.POST.get("purpose", "")},
        "rotate_url": reverse("custody:key-rotate"),
    }
    status = error.status if error else 200
    return page(request, "custody/keys.html", context, title="Keys", status=status)


def _prove(request: HttpRequest, decision: str, subject: str) -> FreshFactor:
    return accounts.prove(
        user=acting(request),
        code=request.POST.get("code", ""),
        decision=decision,
        subject=subject,
        now=database_now(),
    )
