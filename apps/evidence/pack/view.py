"""Turns a pack's content into the words and strings the page templates print (strings only)."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from .content import RESULTS, Annex, Checked, Finding, PackContent, Result, Section, Table
from .text import SHOWN_CHARS, shown

_ROW_CHARS = 1200
_WORST_SHOWN, _WORST_CHARS = 4, 140
_NUMBER = re.compile(r"^[-+]?[0-9][0-9,. ]*%?$")
_PILLS: dict[Result, dict[str, str]] = {
    "good": {"tone": "good", "sign": "✓", "word": "In order"},
    "attention": {"tone": "attention", "sign": "!", "word": "Attention"},
    "danger": {"tone": "danger", "sign": "✕", "word": "Not in order"},
    "unknown": {"tone": "unknown", "sign": "?", "word": "Unknown"},
}


def context(
    content: PackContent,
    *,
    files: Iterable[Annex],
    events: int,
    merkle_root: bytes,
    seal_root: str,
) -> dict[str, Any]:
    """Return the template context; every leaf is text already safe to look at."""
    return {
        "language": content.language,
        "title": shown(content.title),
        "purpose": shown(content.purpose),
        "tenant": shown(content.tenant_name),
        "period": f"{_day(content.period.first)} to {_day(content.period.last)}",
        "generated": f"{_instant(content.generated_at)} UTC",
        "generated_iso": content.generated_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "controls": ", ".join(content.controls),
        "event_count": f"{events:,}",
        "verdict": _PILLS[content.result],
        "verdict_sentence": _verdict_sentence(content),
        "worst": _worst(content),
        "sections": [_section(part, number) for number, part in enumerate(content.sections, 1)],
        "not_included": [
            {"what": shown(gap.what), "why": shown(gap.why)} for gap in content.not_included
        ],
        "files": [_file(file) for file in files],
        "root_fingerprint": _groups(seal_root),
        "merkle_root": _groups(merkle_root.hex()),
    }


def _verdict_sentence(content: PackContent) -> str:
    """Say how many subjects came out how, and never let a gap pass for good."""
    counts = [
        f"{number} {_PILLS[result]['word'].lower()}"
        for result in RESULTS
        if (number := sum(part.result == result for part in content.sections))
    ]
    subjects = _count(len(content.sections), "subject")
    exceptions = sum(len(part.exceptions) for part in content.sections)
    said = [f"{subjects}: {', '.join(counts)}", _count(exceptions, "exception or open point")]
    if content.not_included:
        said.append(f"{_count(len(content.not_included), 'item')} could not be included")
    return ". ".join(said) + "."


def _worst(content: PackContent) -> list[dict[str, Any]]:
    """The gravest exceptions of the whole pack, for the title page; nothing merely notable."""
    found = [
        (RESULTS.index(exception.result), section.heading, exception)
        for section in content.sections
        for exception in section.exceptions
        if exception.result in ("danger", "unknown")
    ]
    found.sort(key=lambda one: one[0])
    return [
        {"what": shown(one.what, _WORST_CHARS), "heading": shown(heading), **_PILLS[one.result]}
        for _, heading, one in found[:_WORST_SHOWN]
    ]


def _count(number: int, noun: str) -> str:
    if number == 1:
        return f"1 {noun}"
    plural = "exceptions or open points" if noun.startswith("exception") else f"{noun}s"
    return f"{number or 'No'} {plural}"


def _section(section: Section, number: int) -> dict[str, Any]:
    worst_first = sorted(section.exceptions, key=lambda found: RESULTS.index(found.result))
    return {
        "anchor": f"subject-{number}",
        "heading": shown(section.heading),
        "summary": shown(section.summary),
        "pill": _PILLS[section.result],
        "exceptions": [_finding(found) for found in worst_first],
        "checked": [_checked(check) for check in section.checked],
        "tables": [_table(table) for table in section.tables],
    }


def _finding(found: Finding) -> dict[str, Any]:
    return {
        "what": shown(found.what),
        "detail": shown(found.detail),
        "pill": _PILLS[found.result],
    }


def _checked(check: Checked) -> dict[str, Any]:
    return {
        "what": shown(check.what),
        "by": shown(check.by),
        "note": shown(check.note),
        "pill": _PILLS[check.result],
    }


def _table(table: Table) -> dict[str, Any]:
    """Columns of nothing but numbers stand to the right, so that digits line up."""
    limit = min(SHOWN_CHARS, _ROW_CHARS // len(table.columns))
    kinds = ["num" if _is_numeric(table, place) else "" for place in range(len(table.columns))]
    return {
        "caption": shown(table.caption),
        "columns": _cells(table.columns, kinds, limit),
        "rows": [_cells(row, kinds, limit) for row in table.rows],
    }


def _cells(texts: Iterable[str], kinds: list[str], limit: int) -> list[dict[str, str]]:
    return [
        {"text": shown(text, limit), "kind": kind} for text, kind in zip(texts, kinds, strict=True)
    ]


def _is_numeric(table: Table, place: int) -> bool:
    return bool(table.rows) and all(_NUMBER.match(row[place]) for row in table.rows)


def _file(file: Annex) -> dict[str, Any]:
    digest = sha256(file.data).hexdigest()
    return {
        "name": file.name,
        "description": shown(file.description),
        "size": f"{len(file.data):,}",
        "hash": [digest[:32], digest[32:]],
    }


def _groups(digest: str) -> Sequence[str]:
    """Two lines of eight groups of four, easy to read aloud."""
    groups = [digest[start : start + 4] for start in range(0, len(digest), 4)]
    return [" ".join(groups[:8]), " ".join(groups[8:])]


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _instant(moment: datetime) -> str:
    moment = moment.astimezone(UTC)
    return f"{_day(moment.date())}, {moment:%H:%M:%S}"
