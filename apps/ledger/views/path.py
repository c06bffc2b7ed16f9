"""The whole path of one thing, a Salesforce record and a prompt's fingerprint included."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from apps.common.errors import Invalid
from apps.common.pages import page
from apps.common.text import require_text
from apps.ledger import selectors
from apps.ledger.keyset import Page, page_of
from apps.ledger.presenting import for_reading, shortened
from apps.ledger.views.addresses import beside_addresses

LONGEST_ID = 80


@require_GET
def path(request: HttpRequest) -> HttpResponse:
    """Everything about one thing or naming it, newest first; asks for an id when it has none."""
    error: Invalid | None = None
    thing, shown = request.GET.get("thing", "").strip(), Page([])
    try:
        if thing:
            thing = require_text(thing, field="thing", label="The id", at_most=LONGEST_ID)
            shown = page_of(
                selectors.list_path(thing),
                before=request.GET.get("before", ""),
                after=request.GET.get("after", ""),
            )
    except Invalid as invalid:
        error = invalid
    rows = for_reading(shown.rows, selectors.positions_of(shown.rows))
    own = [row for row in rows if row["row"].target_id == thing]
    about = {row["thing"] for row in own}
    name = own[0]["name"] if own else ""
    context = {
        "thing": "" if error else thing,
        "typed": thing.replace("\x00", ""),
        "kind": about.pop() if len(about) == 1 else "",
        "rows": rows,
        "error": error,
        **beside_addresses(request, shown),
    }
    title = f"Path of {name or shortened(thing)}" if thing and not error else "Path of a thing"
    return page(request, "ledger/thing.html", context, title=title, status=400 if error else 200)
