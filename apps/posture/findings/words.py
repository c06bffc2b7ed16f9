"""How findings read on pages: tones, sentences, details."""

import re
from datetime import date
from typing import Any

from apps.posture.findings.about import About, title_of
from apps.posture.findings.kinds import kind_of
from apps.posture.findings.reading import Counts
from apps.posture.models import Finding

TONES = {
    Finding.Level.ERROR: "danger",
    Finding.Level.WARNING: "attention",
    Finding.Level.NOTE: "neutral",
}
STATE_TONES = {
    Finding.State.OPEN: "attention",
    Finding.State.REOPENED: "danger",
    Finding.State.ACCEPTED: "neutral",
    Finding.State.FIXING: "attention",
    Finding.State.FIXED: "unknown",  # said, not proven
    Finding.State.VERIFIED: "good",
}

# The database keeps details in an order of its own; people read them in this one.
_ORDER = (
    "app", "hour", "first", "last", "calls", "median", "spread", "score", "samples",
    "compared_with", "path", "lines", "places",
)  # fmt: skip
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:\+00:00|Z)")


def line_of(found: Finding, *, today: date, about: About | None = None) -> dict[str, Any]:
    """One finding as the list shows it."""
    is_open = found.state in Finding.UNSETTLED
    return {
        "finding": found,
        "title": title_of(found, about),
        "about": about,
        "tone": TONES[Finding.Level(found.level)],
        "state_tone": STATE_TONES[Finding.State(found.state)],
        "overdue": is_open and found.due_on is not None and found.due_on < today,
    }


def sentence_of(counts: Counts) -> str:
    """How things stand, in one sentence."""
    if not counts.open:
        return "Nothing that was looked at needs anybody now."
    parts = [
        f"{number} {words}"
        for number, words in (
            (counts.serious, "serious"),
            (counts.attention, "to look into"),
            (counts.notes, "worth a note"),
        )
        if number
    ]
    late = f" {counts.overdue} overdue." if counts.overdue else ""
    return f"{counts.open} open: {', '.join(parts)}.{late}"


def kind_words(found: Finding) -> tuple[str, str]:
    """What sort of finding it is, and the control that it speaks for."""
    kind = kind_of(found.kind)
    return kind.words, kind.control


def detail_of(found: Finding) -> list[tuple[str, str]]:
    """What the look noted, as pairs of words; first what it is about and when."""
    detail = sorted(found.detail.items(), key=lambda pair: (_rank(pair[0]), pair[0]))
    return [
        (name.replace("_", " ").capitalize(), _said(value))
        for name, value in detail
        if name != "log" and value not in (None, "", [], {})  # the page links to the log
    ]


def _rank(name: str) -> int:
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_said(each) for each in value)
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return f"{value[:10]} {value[11:19]} UTC"
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_said(each)}" for name, each in value.items())
    return str(value)
