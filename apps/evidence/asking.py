"""The pages that ask for a pack and say how packs look."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from apps.common.clock import database_now
from apps.common.dates import read_day
from apps.common.errors import Invalid
from apps.common.pages import page
from apps.evidence import logo, services
from apps.evidence.branding import change_look, current_branding
from apps.evidence.models import Language, Pack
from apps.evidence.pack.language import language
from apps.evidence.policies import may_make
from apps.evidence.purposes import ALL, Purpose, purpose_of
from apps.evidence.selectors import list_packs_for
from apps.tenancy.views import acting

FIELDS = ("title", "first", "last", "language", "subject")


@require_http_methods(["GET", "POST"])
def packs(request: HttpRequest) -> HttpResponse:
    """Packs so far, and the form that asks for one; the address says for which purpose."""
    purpose = purpose_of(request.GET.get("purpose", "")) or ALL[0]
    actor = acting(request)
    error: Invalid | None = None
    typed = _blank(request)
    if request.method == "POST":
        typed = {name: request.POST.get(name, "") for name in FIELDS}
        try:
            pack = _ask(request, purpose, typed)
        except Invalid as invalid:
            error = invalid
        else:
            return redirect("evidence:pack", pack.pk)
    context = {
        "packs": [(each, short_name(each.purpose)) for each in list_packs_for(actor)[:100]],
        "may_make": may_make(actor=actor).allowed,
        "purpose": purpose,
        "purposes": [(each.code, short_name(each.code)) for each in ALL],
        "about": language("en")(f"purpose.{purpose.code}"),
        "subjects": _subjects(purpose),
        "languages": Language.choices,
        "typed": typed,
        "error": error,
    }
    status = 422 if error else 200
    return page(request, "evidence/packs.html", context, title="Evidence packs", status=status)


def short_name(code: str) -> str:
    """A purpose in a word or two; its code when it is no more."""
    return language("en")(f"purpose_short.{code}") if purpose_of(code) else code


def _blank(request: HttpRequest) -> dict[str, str]:
    today = database_now().date()
    return {
        "title": "",
        "first": str(today - timedelta(days=30)),
        "last": str(today),
        "language": current_branding().language,
        "subject": request.GET.get("subject", ""),
    }


def _subjects(purpose: Purpose) -> list[tuple[str, str]] | None:
    if purpose.subjects is None:
        return None
    return [(str(each.id), each.name) for each in purpose.subjects()]


def _ask(request: HttpRequest, purpose: Purpose, typed: dict[str, str]) -> Pack:
    return services.request_pack(
        actor=acting(request),
        title=typed["title"],
        purpose=purpose.code,
        subject_id=None if purpose.subjects is None else _read_id(typed["subject"]),
        first=read_day(typed["first"], field="first") if purpose.takes_days else None,
        last=read_day(typed["last"], field="last") if purpose.takes_days else None,
        language=typed["language"],
        now=database_now(),
    )


def _read_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@require_http_methods(["GET", "POST"])
def look(request: HttpRequest) -> HttpResponse:
    """The language and the logo of the tenant's packs."""
    error: Invalid | None = None
    branding = current_branding()
    if request.method == "POST":
        file = request.FILES.get("logo")
        try:
            change_look(
                actor=acting(request),
                language=request.POST.get("language", ""),
                uploaded=file.read(logo.MOST_BYTES + 1) if file else None,
                remove_logo=request.POST.get("remove") == "yes",
                now=database_now(),
            )
        except Invalid as invalid:
            error = invalid
        else:
            messages.success(request, "Packs made from now on look like this.")
            return redirect("evidence:look")
    chosen = request.POST.get("language", branding.language)
    context = {
        "look": branding,
        "languages": Language.choices,
        "chosen": chosen,
        "error": error,
    }
    status = 422 if error else 200
    return page(request, "evidence/look.html", context, title="How packs look", status=status)
