"""Scans in the browser: all of them, asking for one, its report, its SARIF file."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.common.clock import database_now
from apps.common.errors import Conflict, Invalid, NotFound
from apps.common.pages import page
from apps.crm import selectors as crm
from apps.crm.models import Connection
from apps.ledger import selectors as ledger
from apps.ledger.registry import words_for
from apps.posture.models import Scan, ScanFinding
from apps.posture.scans import archives, exporting, policies, report, selectors, services
from apps.posture.scans.hosts import hosts_of
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
        context |= _seen(found)
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


@require_POST
def sarif(request: HttpRequest, scan_id: UUID) -> HttpResponse:
    """The report as SARIF 2.1.0. Recorded, as every download is."""
    name, text = exporting.export_scan(actor=acting(request), scan_id=scan_id, now=database_now())
    answer = HttpResponse(text, content_type="application/sarif+json")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _ask(request: HttpRequest) -> Scan:
    if request.POST.get("from_org"):
        org = _org(request.POST["from_org"])
        if org is None:
            raise Invalid("Choose an org from the list.", field="from_org")
        return services.scan_org(actor=acting(request), connection_id=org, now=database_now())
    uploaded = request.FILES.get("archive")
    if uploaded is None:
        if int(request.headers.get("Content-Length") or 0) > services.limit_mb() * 2**20:
            raise services.too_large()
        raise Invalid("Choose a zip of metadata.", field=archives.FIELD)
    return services.scan_upload(
        actor=acting(request),
        name=uploaded.name or "",
        data=uploaded.read(),
        connection_id=_org(request.POST.get("org", "")),
        covers_all=request.POST.get("covers_all") == "yes",
        now=database_now(),
    )


def _org(typed: str) -> UUID | None:
    try:
        return UUID(typed) if typed else None
    except ValueError:
        raise Invalid("Choose an org from the list.", field="org") from None


def _seen(found: Scan) -> dict[str, Any]:
    before = selectors.find_scan_before(found)
    rows = list(ScanFinding.objects.filter(scan=found))
    earlier = list(ScanFinding.objects.filter(scan=before)) if before else []
    keys = frozenset(row.key for row in earlier) if before else None
    zone = found.connection.zone.jurisdictions if found.connection else None
    hosts = hosts_of(found.addresses.all(), zone=zone)
    groups = report.groups_of(rows, keys)
    now = {row.key for row in rows}
    return {
        "before": before,
        "new_keys": {row.key for row in rows if keys is not None and row.key not in keys},
        "gone": [row for row in earlier if row.key not in now],
        "is_whole": found.covers_all and found.state == Scan.State.COMPLETE,
        "hosts": hosts,
        "groups": groups,
        "sentence": report.sentence_of(found, hosts, groups),
        "totals": {
            level: sum(len(group.findings) for group in groups if group.level == level)
            for level in report.LEVELS
        },
        "past": sum(host.is_past_gateway for host in hosts),
    }


def _progress(found: Scan) -> dict[str, object]:
    address = "" if found.is_final else reverse("posture:scan-progress", args=[found.pk])
    return {"scan": found, "poll_url": address}
