"""Comparisons with event logs in the browser."""

from datetime import datetime
from math import isfinite, nan
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from apps.common.clock import database_now
from apps.common.errors import Invalid
from apps.common.pages import page
from apps.crm.eventlogs.views import choose_org
from apps.crm.models import Connection
from apps.posture import policies
from apps.posture.models import LogComparison
from apps.posture.reconcile.comparing import MOST_SHOWN
from apps.posture.reconcile.looking import latest_comparison, list_comparisons
from apps.posture.volume.addresses import MINUTE, log_address
from apps.posture.volume.baseline import HOUR, Limits
from apps.posture.volume.thresholds import change_thresholds, limits_of_tenant
from apps.tenancy.views import acting

SHOWN_FIRST = 10


@require_http_methods(["GET", "POST"])
def comparison(request: HttpRequest) -> HttpResponse:
    """Unusual volumes of an org's apps, and the console's own calls on both sides; with the power,
    the thresholds."""
    error: Invalid | None = None
    if request.method == "POST":
        try:
            _change(request)
        except Invalid as invalid:
            error = invalid
        else:
            messages.success(request, "The thresholds hold from the next look on.")
            return redirect(request.get_full_path())
    org, orgs = choose_org(request)
    found = latest_comparison(org) if org else None
    limits = limits_of_tenant()
    context = {
        "orgs": orgs,
        "org": org,
        "found": found,
        "sentence": _sentence(found),
        "most": MOST_SHOWN,
        "limits": limits,
        "typed": request.POST if error else _typed(limits),
        "error": error,
        "may_change": policies.may_set_thresholds(acting(request)).allowed,
        "earlier": _earlier(org, found),
        **(_lists(org, found) if org and found else {}),
    }
    status = 422 if error else 200
    return page(
        request, "posture/log_comparison.html", context, title="Logs compared", status=status
    )


def _change(request: HttpRequest) -> None:
    """Raises `Denied`, and `Invalid` naming the field."""
    change_thresholds(
        actor=acting(request),
        score=_number(request.POST.get("score", ""), "score"),
        least_calls=int(_number(request.POST.get("least_calls", ""), "least_calls")),
        now=database_now(),
    )


def _number(typed: str, field: str) -> float:
    try:
        number = float(typed.strip()) if typed.isascii() and len(typed) < 20 else nan
    except ValueError:
        number = nan
    if not isfinite(number):
        raise Invalid("Give a number.", field=field)
    return number


def _typed(limits: Limits) -> dict[str, str]:
    return {"score": f"{limits.score:g}", "least_calls": str(limits.least_calls)}


def _earlier(org: Connection | None, found: LogComparison | None) -> list[LogComparison]:
    """The looks before the one that is shown, newest first."""
    if org is None or found is None:
        return []
    return list(list_comparisons(org).exclude(pk=found.pk)[:8])


def _sentence(found: LogComparison | None) -> str:
    if found is None:
        return "No event logs were compared yet: whether calls are usual, and ours, is unknown."
    parts = []
    if found.deviations:
        many = "" if len(found.deviations) == 1 else "s"
        parts.append(f"{len(found.deviations)} unusual volume{many} in the last two days.")
    if found.unrecorded_count:
        parts.append(f"{_calls(found.unrecorded_count)} under our app not in the ledger.")
    if found.unseen_count:
        parts.append(f"{_calls(found.unseen_count)} in the ledger, not in the delivered log.")
    if not parts:
        parts += ["Nothing differs in what was seen.", found.words or found.volume_words]
    return " ".join(filter(None, parts))


def _calls(number: int) -> str:
    return "1 call" if number == 1 else f"{number:,} calls"


def _lists(org: Connection, found: LogComparison) -> dict[str, Any]:
    return {
        "deviations": [_deviation(org, each) for each in found.deviations],
        "unrecorded": _folded([_call(org, each) for each in found.unrecorded]),
        "unseen": _folded([_with_time(each) for each in found.unseen]),
    }


def _folded(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The first rows, and those that the page folds away."""
    return {"first": rows[:SHOWN_FIRST], "rest": rows[SHOWN_FIRST:]}


def _call(org: Connection, row: dict[str, Any]) -> dict[str, Any]:
    told = _with_time(row)
    log = log_address(org, told["at"], told["at"] + MINUTE, request=row["request"])
    return {**told, "log": log}


def _deviation(org: Connection, row: dict[str, Any]) -> dict[str, Any]:
    told = _with_time(row)
    return {**told, "log": log_address(org, told["at"], told["at"] + HOUR, app=row["app"])}


def _with_time(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "at": datetime.fromisoformat(row["at"])}
