"""Which known callers a set of networks would keep out, or let in. Pure.

Unknown is never fine: where callers were not noted, or not all of them, `known` says so and the
page shows *unknown*, not *nobody*.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from apps.crm.services.paths import Reached
from apps.custody.callers import WINDOW, Caller
from apps.custody.tokens import is_inside

__all__ = [
    "CUT_OFF", "WINDOW", "blocked_in", "compare", "gist", "kept_out", "nothing_to_tell", "of_orgs",
]  # fmt: skip


def compare(
    callers: Iterable[Caller],
    *,
    complete: bool,
    since: datetime,
    before: list[str],
    after: list[str],
) -> dict[str, Any]:
    """Each known caller with what would become of it: `blocked`, `let_in`, `kept`, `outside`.

    `since` is when noting began. `known` is "all", "part" (too many to list) or "none".
    """
    rows = [_row(each, before, after) for each in callers]
    known = "all" if complete else "part"
    return {
        "about": "callers",
        "known": known if rows else "none",
        "since": since.isoformat(),
        "callers": rows,
    }


def nothing_to_tell(why: str) -> dict[str, Any]:
    """For changes that decide about no caller."""
    return {"about": "nothing", "known": "all", "why": why, "callers": []}


CUT_OFF = ("blocked", "outside")


def of_orgs(rows: Iterable[Reached]) -> dict[str, Any]:
    """What a rule would do to orgs: `blocked`, `let_in`, `kept` or `outside`, as for callers."""
    orgs = [
        {"id": each.id, "name": each.name, "becomes": _becomes(each.now, each.will)}
        for each in rows
    ]
    return {"about": "orgs", "known": "all", "callers": [], "orgs": orgs}


def kept_out(callers: Iterable[Caller], networks: list[str]) -> list[Caller]:
    """The callers that these networks do not hold."""
    return [each for each in callers if not _admits(networks, each.address)]


def blocked_in(preflight: dict[str, Any]) -> list[str]:
    """The addresses that a kept preflight says would be kept out."""
    return sorted(row["address"] for row in preflight["callers"] if row["becomes"] in CUT_OFF)


def gist(preflight: dict[str, Any]) -> dict[str, Any]:
    """What must not have changed between looking and approving: who, not how often; which flows."""
    rows = sorted((row["address"], row["becomes"]) for row in preflight["callers"])
    said = {
        "known": preflight["known"],
        "callers": [list(row) for row in rows],
        "flows": preflight.get("flows", []),
    }
    return said | ({"orgs": preflight["orgs"]} if "orgs" in preflight else {})


def _row(caller: Caller, before: list[str], after: list[str]) -> dict[str, Any]:
    was, will = _admits(before, caller.address), _admits(after, caller.address)
    return {
        "address": caller.address,
        "calls": caller.calls,
        "refused": caller.refused,
        "last_seen_at": caller.last_seen_at.isoformat(),
        "becomes": _becomes(was, will),
    }


def _becomes(was: bool, will: bool) -> str:
    if was:
        return "kept" if will else "blocked"
    return "let_in" if will else "outside"


def _admits(networks: list[str], address: str) -> bool:
    return not networks or is_inside(address, networks)
