"""Turns a pack's content into the words and strings the page templates print (strings only)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256
from typing import Any

from .charts import chart
from .columns import widths
from .content import RESULTS, Annex, Checked, Finding, PackContent, Result, Section, Table
from .language import Language, language
from .text import SHOWN_CHARS, shown

LOGO_ADDRESS = "pack:logo"
CHECKPOINT_NAME, PROOF_NAME = "checkpoint.txt", "proof-ledger.json"
_ROW_CHARS = 1200
_WORST_SHOWN, _WORST_CHARS = 4, 140
_NUMBER = re.compile(r"^[-+]?[0-9][0-9,. ]*%?$")
_SIGNS: dict[Result, str] = {"good": "✓", "attention": "!", "danger": "✕", "unknown": "?"}


def context(
    content: PackContent,
    *,
    files: Iterable[Annex],
    events: int,
    merkle_root: bytes,
    seal_root: str,
) -> dict[str, Any]:
    """Return the template context; every leaf is text already safe to look at."""
    say = language(content.language)
    page = _Page(say)
    listed = tuple(files)
    return {
        "w": say.words,
        "language": content.language,
        "title": page.text(content.title),
        "purpose": page.text(content.purpose),
        "subject": page.text(content.subject),
        "tenant": page.text(content.tenant_name),
        "logo": LOGO_ADDRESS if content.logo else "",
        "logo_words": page.text(say("cover.logo", tenant=content.tenant_name)),
        "period": say(
            "format.period",
            first=say.day(content.period.first),
            last=say.day(content.period.last),
        ),
        "generated": say.instant(content.generated_at),
        "generated_iso": content.generated_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "controls": ", ".join(content.controls),
        "event_count": say.number(events),
        "verdict": page.pill(content.result),
        "verdict_sentence": _verdict_sentence(content, say),
        "worst": page.worst(content),
        "sections": [page.section(part, number) for number, part in enumerate(content.sections, 1)],
        "not_included": [
            {"what": page.text(gap.what), "why": page.text(gap.why)} for gap in content.not_included
        ],
        "files": [page.file(file) for file in listed],
        "filled": _filled(say, events, listed),
        "root_fingerprint": _groups(seal_root),
        "merkle_root": _groups(merkle_root.hex()),
    }


def _filled(say: Language, events: int, files: Sequence[Annex]) -> dict[str, str]:
    """Sentences of the last pages that name commands and files."""
    proved = {CHECKPOINT_NAME, PROOF_NAME} <= {file.name for file in files}
    ledger = say("check.ledger_says", checkpoint=CHECKPOINT_NAME, proof=PROOF_NAME)
    return {
        "inside": say("inside.lead", command="pdfdetach -list"),
        "foreign": say("check.foreign_says", pdfsig="pdfsig"),
        "sums": say("check.sums", manifest="manifest.dsse.json"),
        "events": say("check.events_say", file="events.jsonl", count=events),
        "ledger": ledger if proved else "",
    }


def _verdict_sentence(content: PackContent, say: Language) -> str:
    """Say how many subjects came out how, and never let a gap pass for good."""
    counts = [
        f"{number} {_lower_first(say(f'result.{result}'))}"
        for result in RESULTS
        if (number := sum(part.result == result for part in content.sections))
    ]
    exceptions = sum(len(part.exceptions) for part in content.sections)
    said = [
        f"{say.counted(len(content.sections), 'subject')}: {', '.join(counts)}",
        say.counted(exceptions, "exception") if exceptions else say("cover.no_exceptions"),
    ]
    if content.not_included:
        items = say.counted(len(content.not_included), "item")
        said.append(say("cover.left_out", items=items))
    return ". ".join(said) + "."


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


@dataclass(frozen=True)
class _Page:
    """Turns the parts of a pack into strings in one language."""

    say: Language

    def text(self, value: str, limit: int = SHOWN_CHARS) -> str:
        return shown(value, self.say, limit)

    def pill(self, result: Result) -> dict[str, str]:
        return {"tone": result, "sign": _SIGNS[result], "word": self.say(f"result.{result}")}

    def worst(self, content: PackContent) -> list[dict[str, Any]]:
        """The gravest exceptions of the whole pack, for the title page; nothing merely notable."""
        found = [
            (RESULTS.index(exception.result), section.heading, exception)
            for section in content.sections
            for exception in section.exceptions
            if exception.result in ("danger", "unknown")
        ]
        found.sort(key=lambda one: one[0])
        return [
            {
                "what": self.text(one.what, _WORST_CHARS),
                "heading": self.text(heading),
                **self.pill(one.result),
            }
            for _, heading, one in found[:_WORST_SHOWN]
        ]

    def section(self, section: Section, number: int) -> dict[str, Any]:
        worst_first = sorted(section.exceptions, key=lambda found: RESULTS.index(found.result))
        return {
            "anchor": f"subject-{number}",
            "heading": self.text(section.heading),
            "summary": self.text(section.summary),
            "pill": self.pill(section.result),
            "exceptions": [self.finding(found) for found in worst_first],
            "checked": [self.checked(check) for check in section.checked],
            "charts": [chart(given, self.say) for given in section.charts if given.bars],
            "tables": [self.table(table) for table in section.tables],
        }

    def finding(self, found: Finding) -> dict[str, Any]:
        return {
            "what": self.text(found.what),
            "detail": self.text(found.detail),
            "pill": self.pill(found.result),
        }

    def checked(self, check: Checked) -> dict[str, Any]:
        return {
            "what": self.text(check.what),
            "by": self.text(check.by),
            "note": self.text(check.note),
            "pill": self.pill(check.result),
        }

    def table(self, table: Table) -> dict[str, Any]:
        """Columns of nothing but numbers stand to the right, so that digits line up."""
        limit = min(SHOWN_CHARS, _ROW_CHARS // len(table.columns))
        kinds = ["num" if _is_numeric(table, place) else "" for place in range(len(table.columns))]
        columns = self.cells(table.columns, kinds, limit)
        rows = [self.cells(row, kinds, limit) for row in table.rows]
        return {
            "caption": self.text(table.caption),
            "columns": columns,
            "widths": widths([[cell["text"] for cell in row] for row in (columns, *rows)]),
            "rows": rows,
        }

    def cells(self, texts: Iterable[str], kinds: list[str], limit: int) -> list[dict[str, str]]:
        return [
            {"text": self.text(text, limit), "kind": kind}
            for text, kind in zip(texts, kinds, strict=True)
        ]

    def file(self, file: Annex) -> dict[str, Any]:
        digest = sha256(file.data).hexdigest()
        return {
            "name": file.name,
            "description": self.text(file.description),
            "size": self.say.number(len(file.data)),
            "hash": [digest[:32], digest[32:]],
        }


def _is_numeric(table: Table, place: int) -> bool:
    return bool(table.rows) and all(_NUMBER.match(row[place]) for row in table.rows)


def _groups(digest: str) -> Sequence[str]:
    """Two lines of eight groups of four, easy to read aloud."""
    groups = [digest[start : start + 4] for start in range(0, len(digest), 4)]
    return [" ".join(groups[:8]), " ".join(groups[8:])]
