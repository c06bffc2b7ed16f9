"""The list: events newest first, narrowed by what people ask for."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from apps.common import powers
from apps.common.clock import database_now
from apps.common.errors import Invalid
from apps.common.pages import page
from apps.ledger import registry, selectors
from apps.ledger.keyset import Page, page_of
from apps.ledger.names import names_of
from apps.ledger.presenting import for_reading, shortened
from apps.ledger.search import PERIODS, Search, read_search
from apps.ledger.standing import standing
from apps.ledger.views.addresses import address, beside_addresses


@require_GET
def events(request: HttpRequest) -> HttpResponse:
    """Events newest first, narrowed by person, act, thing and time."""
    error: Invalid | None = None
    search, shown, now = Search(), Page([]), database_now()
    try:
        search = read_search(request.GET)
        shown = _page(request, search, now=now)
    except Invalid as invalid:
        error = invalid
    held: frozenset[str] = getattr(request, "powers", frozenset())
    context = {
        "rows": for_reading(shown.rows, selectors.positions_of(shown.rows)),
        "search": search,
        "error": error,
        "standing": standing(now=now),
        "may_export": powers.EXPORT in held,
        "query": request.GET.urlencode(),
        **_choices(search),
        **beside_addresses(request, shown),
    }
    context["chips"] = _chips(request, search, dict(context["people"]))
    return page(
        request, "ledger/events.html", context, title="Ledger", status=400 if error else 200
    )


def _page(request: HttpRequest, search: Search, *, now: datetime) -> Page:
    return page_of(
        search.events(now=now),
        before=request.GET.get("before", ""),
        after=request.GET.get("after", ""),
    )


def _choices(search: Search) -> dict[str, Any]:
    """What the form offers. An actor of an old address is offered though nobody acted so."""
    actors = set(selectors.list_actors()) | ({search.actor} if search.actor else set())
    people = sorted(names_of(actors).items(), key=lambda pair: pair[1].lower())
    kinds = sorted(registry.all_things().items(), key=lambda pair: pair[1])
    return {
        "people": people,
        "actions": registry.actions_by_area(),
        "kinds": kinds,
        "periods": list(PERIODS.items()),
    }


def _chips(request: HttpRequest, search: Search, names: dict[str, str]) -> list[dict[str, str]]:
    """The active filters in words, each with the address that takes it away."""
    return [
        {"words": _filter_words(name, value, names), "url": address(request, without=name)}
        for name, value in search.chosen().items()
    ]


def _filter_words(name: str, value: str, names: dict[str, str]) -> str:
    match name:
        case "actor":
            return f"by {names.get(value, value)}"
        case "action":
            return registry.words_for(value)
        case "kind":
            return f"about: {registry.thing_words(value)}"
        case "target":
            return f"on {shortened(value)}"
        case "request":
            return f"of request {value[:8]}"
        case "period":
            return PERIODS.get(value, value)
        case _:
            spaced = f"{value.replace('T', ' ')} UTC" if "T" in value else value
            return f"{'from' if name == 'since' else 'until'} {spaced}"
