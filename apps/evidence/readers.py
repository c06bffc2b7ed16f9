"""The pages that say who sees which packs: for tenant admins, who need see none themselves."""

from collections.abc import Collection
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from apps.accounts.errors import CODE_REFUSED
from apps.common.clock import database_now
from apps.common.errors import DomainError, Invalid
from apps.common.pages import page
from apps.evidence import limiting, selectors
from apps.evidence.models import Pack
from apps.tenancy.views import acting

MOST_OFFERED = 200


@require_GET
def readers(request: HttpRequest) -> HttpResponse:
    """Everybody who may export, and the packs that they are limited to."""
    found = selectors.list_readers()
    limited = sum(each.packs is not None for each in found)
    context = {"readers": found, "limited": limited, "all_see_all": not limited}
    return page(request, "evidence/readers.html", context, title="Who sees which packs")


@require_http_methods(["GET", "POST"])
def reader(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """One of them: every pack, or those that are ticked."""
    found = selectors.get_reader(user_id)
    chosen = [str(pack.pk) for pack in found.packs or ()]
    sees = "all" if found.packs is None else "named"
    error: DomainError | None = None
    if request.method == "POST":
        sees, chosen = request.POST.get("sees", ""), request.POST.getlist("packs")
        try:
            limiting.limit_packs(
                actor=acting(request),
                user_id=user_id,
                pack_ids=_wanted(sees, chosen),
                code=request.POST.get("code", ""),
                now=database_now(),
            )
        except (Invalid, *CODE_REFUSED) as refused:
            error = refused
        else:
            messages.success(request, f"What {found.member.user.name} sees is changed.")
            return redirect("evidence:readers")
    context = {
        "reader": found,
        "packs": _offered(found),
        "chosen": chosen,
        "sees": sees,
        "error": error,
    }
    name = found.member.user.name
    status = 422 if error else 200
    return page(request, "evidence/reader.html", context, title=f"Packs of {name}", status=status)


def _offered(found: selectors.Reader) -> list[Pack]:
    """The newest packs, and older ones that are named already."""
    newest = list(selectors.list_packs()[:MOST_OFFERED])
    known = {pack.pk for pack in newest}
    return [*newest, *(pack for pack in found.packs or () if pack.pk not in known)]


def _wanted(sees: str, chosen: Collection[str]) -> set[UUID] | None:
    if sees not in {"all", "named"}:
        raise Invalid("Choose every pack, or the packs named below.", field="sees")
    if sees == "all":
        return None
    try:
        return {UUID(each) for each in chosen}
    except ValueError as error:
        raise Invalid("That is no pack. Load the page again.", field="packs") from error
