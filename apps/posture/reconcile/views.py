"""Comparisons with event logs in the browser."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from apps.common.pages import page
from apps.crm import selectors as crm
from apps.crm.models import Connection
from apps.posture.models import LogComparison
from apps.posture.reconcile.looking import MOST_SHOWN, latest_comparison


@require_GET
def comparison(request: HttpRequest) -> HttpResponse:
    """Unusual volumes of an org's apps, and the console's own calls on both sides."""
    orgs = [o for o in crm.list_connections() if o.state != Connection.State.DISCONNECTED]
    org = next((each for each in orgs if str(each.pk) == request.GET.get("org")), None)
    org = org or (orgs[0] if orgs else None)
    found = latest_comparison(org) if org else None
    context = {
        "orgs": orgs,
        "org": org,
        "found": found,
        "sentence": _sentence(found),
        "most": MOST_SHOWN,
        **(_lists(found) if found else {}),
    }
    return page(request, "posture/log_comparison.html", context, title="Logs compared")


def _sentence(found: LogComparison | None) -> str:
    if found is None:
        return "No event logs were compared yet: whether calls are usual, and ours, is unknown."
    parts = []
    if found.deviations:
        parts.append(f"{len(found.deviations)} unusual volumes in the last two days.")
    if found.unrecorded_count:
        parts.append(f"{found.unrecorded_count} calls under our app are not in the ledger.")
    if found.unseen_count:
        parts.append(f"{found.unseen_count} recorded calls are not in the delivered log.")
    if not parts:
        parts.append("Nothing differs in what was seen.")
    return " ".join(parts)


def _lists(found: LogComparison) -> dict[str, Any]:
    return {
        "deviations": [_with_time(each) for each in found.deviations],
        "unrecorded": [_with_time(each) for each in found.unrecorded],
        "unseen": [_with_time(each) for each in found.unseen],
    }


def _with_time(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "at": datetime.fromisoformat(row["at"])}
