"""Taking away the events that a search found, with a fresh code."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from apps.common.clock import database_now
from apps.common.errors import DomainError
from apps.common.pages import page
from apps.common.step_up import require_fresh_code
from apps.ledger import listing
from apps.ledger.listing import ListFile
from apps.ledger.search import read_search
from apps.ledger.views.acting import acting

DECISION = "ledger.list.export"


@require_http_methods(["GET", "POST"])
def export_list(request: HttpRequest) -> HttpResponse:
    """Choose a form for the events that the address asks for; hand them over for a code."""
    error: DomainError | None = None
    if request.method == "POST":
        try:
            form = request.POST.get("form", "")
            return as_download(take(request, form=form, code=request.POST.get("code", "")))
        except DomainError as refused:
            error = refused
    context = {
        "error": error,
        "form": request.POST.get("form", "csv"),
        "forms": list(listing.FORMS.items()),
        "most": listing.MOST_ROWS,
        "query": request.GET.urlencode(),
        "narrowed": any(request.GET.values()),
    }
    status = error.status if error else 200
    title = "Export a list of events"
    return page(request, "ledger/list_export.html", context, title=title, status=status)


def take(request: HttpRequest, *, form: str, code: str) -> ListFile:
    """The list that the address asks for, once the code is spent on exactly this."""
    now, search = database_now(), read_search(request.GET)
    rows = listing.find_list(search, form=form, now=now)  # bad input costs nobody a code
    about = f"{form} {sorted(search.chosen().items())}"
    require_fresh_code(request, decision=DECISION, about=about, now=now, code=code)
    who = acting(request)
    return listing.export_list(rows, actor=who, search=search, form=form, now=now)


def as_download(made: ListFile) -> HttpResponse:
    """The file, kept by nobody on the way."""
    answer = HttpResponse(made.content, content_type=made.kind)
    answer["Content-Disposition"] = f'attachment; filename="{made.name}"'
    answer["Cache-Control"] = "no-store"
    return answer
