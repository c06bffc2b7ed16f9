"""What a pack says, as plain frozen data: everything a reader sees is listed here.

Building these objects already refuses what cannot become evidence (``ContentRefused`` names the
field), so nothing half-good reaches the page.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from .errors import ContentRefused
from .language import LANGUAGES
from .text import checked

Result = Literal["good", "attention", "danger", "unknown"]
RESULTS: tuple[Result, ...] = ("danger", "unknown", "attention", "good")  # worst first
MAX_TABLE_ROWS = 500
MAX_COLUMNS = 8
# Flat: pdfdetach, which the reader is told to use, stops at a name with a slash.
_ANNEX_NAME = re.compile(r"^[a-z0-9][a-z0-9._-]{0,80}$")
_PNG = b"\x89PNG\r\n\x1a\n"
_MIME = re.compile(r"^[a-z]+/[a-z0-9.+-]+$")


@dataclass(frozen=True, kw_only=True)
class Period:
    """The days the pack speaks for, both included, in the time zone the title page names."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ContentRefused("period", "the last day is before the first day")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One exception or open point: what it is, and what follows from it."""

    what: str
    result: Result
    detail: str = ""

    def __post_init__(self) -> None:
        _check_result("finding.result", self.result)
        _check_texts("finding", self.what, self.detail)


@dataclass(frozen=True, kw_only=True)
class Checked:
    """One thing that was checked: what, by whom (a person or a named service), what came out."""

    what: str
    by: str
    result: Result
    note: str = ""

    def __post_init__(self) -> None:
        _check_result("checked.result", self.result)
        _check_texts("checked", self.what, self.by, self.note)


@dataclass(frozen=True, kw_only=True)
class Table:
    """A small table of at most 500 rows; longer lists belong in an annex."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        name = f"table {self.caption[:60]!r}"
        if not 1 <= len(self.columns) <= MAX_COLUMNS:
            raise ContentRefused(name, f"needs 1 to {MAX_COLUMNS} columns")
        if len(self.rows) > MAX_TABLE_ROWS:
            raise ContentRefused(
                name,
                f"{len(self.rows):,} rows; at most {MAX_TABLE_ROWS} fit, attach the rest as CSV",
            )
        _check_texts(name, self.caption, *self.columns)
        for number, row in enumerate(self.rows, 1):
            if len(row) != len(self.columns):
                raise ContentRefused(f"{name} row {number}", "has another number of cells")
            _check_texts(f"{name} row {number}", *row)


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar of a chart: what it stands for, how much, and how good that is if it says so."""

    label: str
    value: int
    result: Result | None = None

    def __post_init__(self) -> None:
        if self.result is not None:
            _check_result("bar.result", self.result)
        if self.value < 0:
            raise ContentRefused(f"bar {self.label[:60]!r}", "is less than nothing")
        _check_texts("bar", self.label)


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Bars beside their labels and numbers; ``upright`` ones stand side by side, as days do."""

    caption: str
    bars: tuple[Bar, ...]
    upright: bool = False

    def __post_init__(self) -> None:
        if len(self.bars) > MAX_TABLE_ROWS:
            raise ContentRefused(f"chart {self.caption[:60]!r}", f"more than {MAX_TABLE_ROWS} bars")
        _check_texts("chart", self.caption)


@dataclass(frozen=True, kw_only=True)
class Section:
    """One subject: its result and exceptions first, then what was checked, then small tables."""

    heading: str
    summary: str
    result: Result
    exceptions: tuple[Finding, ...] = ()
    checked: tuple[Checked, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()

    def __post_init__(self) -> None:
        _check_result(f"section {self.heading[:60]!r} result", self.result)
        _check_texts(f"section {self.heading[:60]!r}", self.heading, self.summary)
        parts: list[Finding | Checked] = [*self.exceptions, *self.checked]
        if any(RESULTS.index(part.result) < RESULTS.index(self.result) for part in parts):
            raise ContentRefused(
                f"section {self.heading[:60]!r} result",
                f"says {self.result} although something inside it is worse",
            )


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """One check of a control: what it asks, what it found, and when (None: it never ran)."""

    name: str
    question: str
    result: Result
    sentence: str
    at: datetime | None = None

    def __post_init__(self) -> None:
        _check_result(f"check {self.name[:60]} result", self.result)
        _check_texts("check", self.name, self.question, self.sentence)


@dataclass(frozen=True, kw_only=True)
class ControlResult:
    """A control the pack speaks for and how it stood; unknown unless its checks say better."""

    id: str
    title: str
    result: Result
    checks: tuple[CheckResult, ...] = ()

    def __post_init__(self) -> None:
        _check_result(f"control {self.id[:60]} result", self.result)
        _check_texts("control", self.id, self.title)


@dataclass(frozen=True, kw_only=True)
class NotIncluded:
    """Something the reader may expect that could not be included, and why."""

    what: str
    why: str

    def __post_init__(self) -> None:
        _check_texts("not included", self.what, self.why)


@dataclass(frozen=True, kw_only=True)
class Annex:
    """A file carried inside the PDF, under a flat lower-case name."""

    name: str
    mime: str
    data: bytes
    description: str
    relationship: Literal["Data", "Alternative", "Supplement", "Source"] = "Supplement"

    def __post_init__(self) -> None:
        if not _ANNEX_NAME.match(self.name):
            raise ContentRefused(
                f"annex {self.name[:60]!r}", "use lower-case letters, digits, dot, dash"
            )
        if not _MIME.match(self.mime):
            raise ContentRefused(f"annex {self.name} type", "not a media type such as text/csv")
        _check_texts(f"annex {self.name}", self.description)


@dataclass(frozen=True, kw_only=True)
class PackContent:
    """The whole statement: who, why, when, and the sections in the order they are read.

    Every text is already in ``language``. ``subject`` names the one thing the pack tells of, if
    there is one; ``logo`` is a PNG for the cover.
    """

    title: str
    purpose: str
    tenant_name: str
    period: Period
    generated_at: datetime
    sections: tuple[Section, ...]
    controls: tuple[str, ...] = ()
    not_included: tuple[NotIncluded, ...] = ()
    language: Literal["en", "de"] = "en"
    subject: str = ""
    control_results: tuple[ControlResult, ...] = ()
    logo: bytes = b""

    def __post_init__(self) -> None:
        _check_texts("title", self.title)
        _check_texts("purpose", self.purpose)
        _check_texts("tenant name", self.tenant_name)
        _check_texts("controls", *self.controls)
        _check_texts("subject", self.subject)
        if self.language not in LANGUAGES:
            raise ContentRefused("language", f"packs are written in {' or '.join(LANGUAGES)}")
        if self.logo and not self.logo.startswith(_PNG):
            raise ContentRefused("logo", "is not a PNG image")
        if self.generated_at.utcoffset() is None:
            raise ContentRefused("generated_at", "needs a time zone")
        if not self.sections:
            raise ContentRefused("sections", "a pack says at least one thing")

    @property
    def result(self) -> Result:
        """The worst result of any section; something left out can never add up to good."""
        results: set[Result] = {section.result for section in self.sections}
        if self.not_included:
            results.add("unknown")
        return next(result for result in RESULTS if result in results)


def _check_result(field: str, value: str) -> None:
    if value not in RESULTS:
        raise ContentRefused(field, f"{value!r} is not one of {', '.join(RESULTS)}")


def _check_texts(field: str, *values: str) -> None:
    for value in values:
        checked(field, value)


def unique_names(annexes: Iterable[Annex]) -> None:
    """Raise ``ContentRefused`` when two annexes bear one name."""
    seen: set[str] = set()
    for annex in annexes:
        if annex.name in seen:
            raise ContentRefused(f"annex {annex.name}", "this name is used twice")
        seen.add(annex.name)
