"""Adding up results: a section is never better than anything inside it."""

from collections.abc import Iterable

from apps.evidence.pack.content import RESULTS, Result


def worst(results: Iterable[Result], *, nothing: Result = "unknown") -> Result:
    """The worst of the results; `nothing` when there are none."""
    found = set(results)
    return next((result for result in RESULTS if result in found), nothing)
