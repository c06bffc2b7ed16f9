"""Scans in the browser: all of them, asking for one, its report, its SARIF file."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.errors import FactorRefused, WrongCode
from apps.common.clock import database_now
from apps.common.errors import Conflict, Invalid, NotFound
from apps.common.pages import page
from apps.crm import selectors as crm
from apps.crm.models import Connection
from apps.ledger import selectors as ledger
from apps.ledger.registry import words_for
from apps.posture.models import Scan
from apps.posture.scans import exporting, policies, report, selectors, services
from apps.posture.scans.asking import upload_of
from apps.posture.scans.seen import seen_by
from apps.tenancy.views import acting

PAGE = 30


@require_http_methods(["GET", "POST"])
def scans(request: HttpRequest) -> HttpResponse:
    """The newest scans, and the form that asks for another one."""
    error: Invalid | NotFound | Conflict | None = None
    if request.method == "POST":
        try:
            scan = _ask(request)
        except (Invalid, NotFound, Conflict) as refused:
            error = refused
        else:
            return redirect("posture:scan", scan.pk)
    rows = list(selectors.list_scans()[:PAGE])
    orgs = [org for org in crm.list_connections() if org.state != Connection.State.DISCONNECTED]
    context = {
        "lines": [{"scan": each, "tone": report.tone_of(each)} for each in rows],
        "latest": next((each for each in rows if each.state in Scan.FINISHED), None),
        "orgs": [(str(org.pk), org.name) for org in orgs],
        "chosen": request.POST.get("org", ""),
        "error": error,
        "may_scan": policies.may_scan(acting(request), None).allowed,
        "limit": f"At most {services.limit_mb()} MiB.",
    }
    status = error.status if error else 200
    return page(request, "posture/scans.html", context, title="Metadata scans", status=status)


@require_GET
def scan(request: HttpRequest, scan_id: UUID) -> HttpResponse:
    """Progress while it runs; then what it saw, beside the scan before."""
    actor = acting(request)
    found = selectors.get_scan_for(actor=actor, scan_id=scan_id)
    context = {
        **_progress(found),
        "tone": report.tone_of(found),
        "may_scan": policies.may_scan(actor, found.connection).allowed,
        "may_export": policies.may_export(actor).allowed,
        "path": [
            {"row": event, "words": words_for(event.action)} for event in ledger.list_path_of(found)
        ],
    }
    if found.state in Scan.FINISHED:
        context |= {"seen": seen_by(found)}
    return page(request, "posture/scan.html", context, title=f"Scan of {found.name}")


@never_cache
@require_GET
def progress(request: HttpRequest, scan_id: UUID) -> HttpResponse:
    """The live part; reloads the page once the scan is over."""
    found = selectors.get_scan_for(actor=acting(request), scan_id=scan_id)
    answer = render(request, "posture/_scan_progress.html", _progress(found))
    if found.is_final:
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
def cancel(request: HttpRequest, scan_id: UUID) -> HttpResponse:
    """Call it off."""
    services.cancel_scan(actor=acting(request), scan_id=scan_id, now=database_now())
    messages.success(request, "The scan was called off. The uploaded file is gone.")
    return redirect("posture:scan", scan_id)


@never_cache
@require_http_methods(["GET", "POST"])
def sarif(request: HttpRequest, scan_id: UUID) -> HttpResponse:
    """The report as SARIF 2.1.0, against a fresh code. Recorded, as every download is."""
    actor = acting(request)
    found = exporting.get_exportable(actor=actor, scan_id=scan_id)
    error: WrongCode | FactorRefused | None = None
    if request.method == "POST":
        try:
            code, now = request.POST.get("code", ""), database_now()
            name, text = exporting.export_scan(actor=actor, scan_id=found.pk, code=code, now=now)
        except (WrongCode, FactorRefused) as refused:
            error = refused
        else:
            sent = {"Content-Disposition": f'attachment; filename="{name}"'}
            return HttpResponse(text, content_type="application/sarif+json", headers=sent)
    context = {"scan": found, "error": error}
    title = f"Download the scan of {found.name}"
    return page(
        request, "posture/scan_sarif.html", context, title=title, status=422 if error else 200
    )


def _ask(request: HttpRequest) -> Scan:
    if request.POST.get("from_org"):
        org = _org(request.POST["from_org"])
        if org is None:
            raise Invalid("Choose an org from the list.", field="from_org")
        return services.scan_org(actor=acting(request), connection_id=org, now=database_now())
    name, data = upload_of(request, request.FILES.get("archive"))
    return services.scan_upload(
        actor=acting(request),
        name=name,
        data=data,
        connection_id=_org(request.POST.get("org", "")),
        covers_all=request.POST.get("covers_all") == "yes",
        now=database_now(),
    )


def _org(typed: str) -> UUID | None:
    try:
        return UUID(typed) if typed else None
    except ValueError:
        raise Invalid("Choose an org from the list.", field="org") from None


def _progress(found: Scan) -> dict[str, object]:
    address = "" if found.is_final else reverse("posture:scan-progress", args=[found.pk])
    return {"scan": found, "poll_url": address}
