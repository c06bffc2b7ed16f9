"""The list of an org's apps: filtered by how they differ, page by page. Pure.

A page begins after an app's key, so that it stays where it was when apps come and go before it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from apps.crm.models import SnapshotApp
from apps.posture.comparison import DEVIATES, MATCHES, NO_BASELINE, UNKNOWN, Comparison

PAGE = 50
Test = Callable[[Comparison], bool]


@dataclass(frozen=True, slots=True)
class Filter:
    """One way to narrow the list."""

    value: str
    words: str
    holds: Test


FILTERS = (
    Filter(DEVIATES, "Differ", lambda each: each.standing == DEVIATES),
    Filter("beyond", "Beyond approval", lambda each: bool(each.beyond)),
    Filter("undeclared", "Beyond purpose", lambda each: bool(each.undeclared)),
    Filter("missing", "Less than approved", lambda each: bool(each.missing)),
    Filter(NO_BASELINE, "No baseline", lambda each: each.standing == NO_BASELINE),
    Filter(UNKNOWN, "Unknown", lambda each: each.standing == UNKNOWN),
    Filter(
        "not_installed",
        "Not installed",
        lambda each: each.app.kind == SnapshotApp.Kind.NOT_INSTALLED,
    ),
    Filter(MATCHES, "As approved", lambda each: each.standing == MATCHES),
)


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of the list. `older` and `newer` are the keys that pages beside it begin after;
    None where there is none, and "" begins with the first."""

    rows: list[Comparison]
    first: int
    total: int
    older: str | None
    newer: str | None

    @property
    def words(self) -> str:
        """Which part of the list this is; empty when it is all of it."""
        if self.total <= len(self.rows):
            return ""
        return f"{self.first + 1} to {self.first + len(self.rows)} of {self.total:,}"


def counts_of(comparisons: Sequence[Comparison]) -> list[tuple[Filter, int]]:
    """The filters that fit any app, with how many."""
    counted = [(each, sum(map(each.holds, comparisons))) for each in FILTERS]
    return [(each, count) for each, count in counted if count]


def narrowed(comparisons: Sequence[Comparison], asked: Mapping[str, str]) -> list[Comparison]:
    """Those that the filter `show` and the search `q` leave; without a filter, all."""
    chosen = next((each for each in FILTERS if each.value == asked.get("show")), None)
    search = asked.get("q", "").strip().casefold()
    return [
        each
        for each in comparisons
        if (chosen is None or chosen.holds(each)) and search in each.app.label.casefold()
    ]


def page_of(comparisons: Sequence[Comparison], *, after: str) -> Listed:
    """One page, beginning behind the app with that key; an unknown key begins with the first."""
    keys = [each.app.app_key for each in comparisons]
    first = keys.index(after) + 1 if after in keys else 0
    rows = list(comparisons[first : first + PAGE])
    until = first + len(rows)
    older = keys[until - 1] if rows and until < len(keys) else None
    newer = None
    if first:
        newer = keys[first - PAGE - 1] if first > PAGE else ""
    return Listed(rows, first, len(keys), older, newer)
