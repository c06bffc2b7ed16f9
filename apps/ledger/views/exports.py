"""Taking the whole log away, with a fresh code."""

import tempfile
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from apps.common.clock import database_now
from apps.common.errors import DomainError
from apps.common.pages import page
from apps.common.step_up import require_fresh_code
from apps.common.waiting import come_again, is_asking_again, still_waits
from apps.ledger import exports
from apps.ledger.models import LogExport
from apps.ledger.names import names_of
from apps.ledger.views.acting import acting

EXPORT, DOWNLOAD = "ledger.log.export", "ledger.log.download"
IN_MEMORY = 8 << 20


@require_http_methods(["GET", "POST"])
def log_exports(request: HttpRequest) -> HttpResponse:
    """Exports so far; asking for one."""
    error: DomainError | None = None
    if request.method == "POST":
        try:
            now = database_now()
            require_fresh_code(request, decision=EXPORT, about="the whole log", now=now)
            exports.request_export(actor=acting(request), now=now)
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, "The export is being written.")
            return redirect("ledger:exports")
    rows = exports.list_exports()
    working = any(not row.is_over for row in rows)
    if is_asking_again(request):
        return still_waits() if working else come_again()
    names = names_of(row.actor for row in rows)
    context = {
        "rows": [{"row": row, "who": names[row.actor]} for row in rows],
        "working": working,
        "error": error,
    }
    status = error.status if error else 200
    return page(
        request, "ledger/exports.html", context, title="Exports of the ledger", status=status
    )


@require_http_methods(["GET", "POST"])
def log_export(request: HttpRequest, log_export_id: UUID) -> HttpResponseBase:
    """One export: how far it is, how to check it, and the way to take it."""
    row = exports.get_export(export_id=log_export_id)
    error: DomainError | None = None
    if request.method == "POST":
        try:
            return _download(request, row.pk)
        except DomainError as refused:
            error = refused
    context = {
        "row": row,
        "who": names_of([row.actor])[row.actor],
        "error": error,
        "poll_url": _poll_url(row),
    }
    status = error.status if error else 200
    return page(request, "ledger/export.html", context, title="Export of the ledger", status=status)


@never_cache
@require_GET
def log_export_progress(request: HttpRequest, log_export_id: UUID) -> HttpResponse:
    """How many events are written, as the part of the page that asks again until all are."""
    row = exports.get_export(export_id=log_export_id)
    poll_url = _poll_url(row)
    context = {"row": row, "poll_url": poll_url}
    answer = render(request, "ledger/export_progress.html", context)
    if not poll_url:
        answer["HX-Refresh"] = "true"
    return answer


def _poll_url(row: LogExport) -> str:
    return "" if row.is_over else reverse("ledger:export-progress", args=[row.pk])


def _download(request: HttpRequest, export_id: UUID) -> FileResponse:
    require_fresh_code(request, decision=DOWNLOAD, about=str(export_id), now=database_now())
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  the answer closes it
    row = exports.download(actor=acting(request), export_id=export_id, into=file)
    file.seek(0)
    answer = FileResponse(
        file,
        as_attachment=True,
        filename=f"ledger-{row.pk}.tar.gz",
        content_type="application/gzip",
    )
    answer["Cache-Control"] = "no-store"
    return answer
