"""How results of checks add up and read. Nothing checked is unknown."""

from collections.abc import Iterable

from apps.evidence.pack.content import RESULTS, Result

WORDS: dict[str, str] = {
    "danger": "Broken",
    "unknown": "Unknown",
    "attention": "Needs attention",
    "good": "Good",
}


def worst(results: Iterable[str]) -> Result:
    """The worst of the results; unknown when there are none."""
    found = set(results)
    return next((result for result in RESULTS if result in found), "unknown")
