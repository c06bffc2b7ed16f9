"""Comparisons laid out as rows and cells of the component `cell`."""

from collections import Counter
from dataclasses import dataclass

from apps.posture.comparison import DEVIATES, NO_BASELINE, UNKNOWN, Comparison

# Columns of the list; an org's rarer scopes are named in words beside the app.
MOST_COLUMNS = 6
_API, _FULL = "api", "full"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: `kind` as the component knows it, and words beside the sign."""

    kind: str
    words: str = ""
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One app of the list with a cell per column."""

    comparison: Comparison
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Line:
    """One scope of one app: declared, approved, granted and used side by side."""

    scope: str
    declared: Cell
    approved: Cell
    granted: Cell
    used: Cell
    differs: bool


def columns_of(comparisons: list[Comparison]) -> list[str]:
    """Scopes that differ anywhere, then those that most apps have to do with; sorted."""
    differing = Counter(scope for each in comparisons for scope in each.beyond + each.missing)
    counted = Counter(scope for each in comparisons for scope in each.scopes)
    ranked = [scope for scope, _ in differing.most_common()]
    ranked += [scope for scope, _ in counted.most_common() if scope not in differing]
    return sorted(ranked[:MOST_COLUMNS])


def rows_of(comparisons: list[Comparison], columns: list[str]) -> list[Row]:
    """A row per app, in the order given."""
    return [Row(each, [_granted_cell(each, scope) for scope in columns]) for each in comparisons]


def lines_of_app(comparison: Comparison) -> list[Line]:
    """A line per scope that is declared, approved or granted; what differs first."""
    differing = {*comparison.beyond, *comparison.missing, *comparison.undeclared}
    lines = [
        Line(
            scope,
            _declared_cell(comparison, scope),
            _approved_cell(comparison, scope),
            _told(_granted_cell(comparison, scope)),
            _used_cell(comparison, scope),
            scope in differing,
        )
        for scope in comparison.scopes
    ]
    return sorted(lines, key=lambda line: (not line.differs, line.scope))


def summary_of(comparisons: list[Comparison]) -> str:
    """How an org's apps stand, in one sentence."""
    if not comparisons:
        return ""
    counted = Counter(each.standing for each in comparisons)
    parts = [
        f"{counted[DEVIATES]} of {len(comparisons)} differ from what was approved"
        if counted[DEVIATES]
        else f"None of {len(comparisons)} apps is known to differ from what was approved"
    ]
    if counted[NO_BASELINE]:
        parts.append(f"{counted[NO_BASELINE]} have no baseline")
    if counted[UNKNOWN]:
        parts.append(f"the scopes of {counted[UNKNOWN]} are unknown")
    return f"{'; '.join(parts)}."


def advice_of(comparison: Comparison) -> str:
    """What would end the difference, in a sentence; empty without one."""
    parts = []
    if excess := sorted({*comparison.beyond, *comparison.undeclared}):
        parts.append(f"remove {', '.join(excess)} in the org, or approve and declare the need")
    if comparison.missing:
        parts.append(f"approve anew without {', '.join(comparison.missing)}")
    sentence = "; ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}." if sentence else ""


def observation_of(comparison: Comparison) -> str:
    """What use is told from: the window, and how much of it was seen."""
    usage = comparison.usage
    if usage is None or not usage.observed:
        words = usage.words if usage and usage.words else "No event logs were taken yet."
        return f"{words} Use is unknown, which is not unused."
    first, last = usage.observed[0][0], usage.observed[-1][1]
    share = usage.attributed_share
    told = (
        f"{share:.0%} of calls name their app; {1 - share:.0%} unknown"
        if share is not None
        else "no calls seen"
    )
    gaps = f" {usage.words}" if usage.words else ""
    return f"Event logs {first:%d %b} to {last:%d %b %Y}, {told}.{gaps}"


def _declared_cell(comparison: Comparison, scope: str) -> Cell:
    if comparison.declared is None:
        return Cell("unknown", "not declared")
    if scope in comparison.undeclared:
        return Cell("extra", "not needed")
    return Cell("yes") if scope in comparison.declared else Cell("no")


def _used_cell(comparison: Comparison, scope: str) -> Cell:
    """Logs tell calls of the API, not the scope that let them in: of other scopes use is unknown.

    A token with only `full` calls the API as well, so calls count for `full` where `api` is not
    granted (Salesforce help, "OAuth Tokens and Scopes": full includes api).
    """
    carries_calls = scope == _API or (scope == _FULL and _API not in (comparison.granted or []))
    if not carries_calls:
        return Cell("unknown", "logs do not tell")
    if comparison.use is not None:
        return Cell("yes", f"{comparison.use.calls:,} calls")
    return Cell("no", "none seen") if comparison.is_seen_unused else Cell("unknown", "unknown")


def _approved_cell(comparison: Comparison, scope: str) -> Cell:
    if comparison.approved is None:
        return Cell("unknown", "no baseline")
    return Cell("yes") if scope in comparison.approved else Cell("no")


def _granted_cell(comparison: Comparison, scope: str) -> Cell:
    return Cell(_granted_kind(comparison, scope), scope=scope)


def _told(cell: Cell) -> Cell:
    words = {"extra": "not approved", "missing": "not granted"}
    return Cell(cell.kind, words.get(cell.kind, ""), cell.scope)


def _granted_kind(comparison: Comparison, scope: str) -> str:
    if comparison.granted is None:
        return "unknown"
    if scope in comparison.beyond:
        return "extra"
    if scope in comparison.missing:
        return "missing"
    return "yes" if scope in comparison.granted else "no"
