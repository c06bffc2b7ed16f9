"""Comparisons laid out as rows and cells of the component `cell`."""

from collections import Counter
from dataclasses import dataclass

from apps.posture.comparison import DEVIATES, NO_BASELINE, UNKNOWN, Comparison

# Columns of the list; an org's rarer scopes are named in words beside the app.
MOST_COLUMNS = 6


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
    """One scope of one app: approved beside granted."""

    scope: str
    approved: Cell
    granted: Cell
    differs: bool


def columns_of(comparisons: list[Comparison]) -> list[str]:
    """Scopes that differ anywhere, then those that most apps have to do with; sorted."""
    differing = Counter(scope for each in comparisons for scope in each.beyond + each.missing)
    counted = Counter(scope for each in comparisons for scope in each.scopes)
    ranked = [scope for scope, _ in differing.most_common()]
    ranked += [scope for scope, _ in counted.most_common() if scope not in differing]
    return sorted(ranked[:MOST_COLUMNS])


def rows_of(comparisons: list[Comparison]) -> list[Row]:
    """A row per app, in the order given."""
    columns = columns_of(comparisons)
    return [Row(each, [_granted_cell(each, scope) for scope in columns]) for each in comparisons]


def lines_of_app(comparison: Comparison) -> list[Line]:
    """A line per scope that is approved or granted; what differs first."""
    lines = [
        Line(
            scope,
            _approved_cell(comparison, scope),
            _told(_granted_cell(comparison, scope)),
            scope in comparison.beyond or scope in comparison.missing,
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
