"""The pack as OSCAL assessment results, for tools that add up many assessments.

Format: NIST OSCAL 1.1.3, assessment-results model
(https://pages.nist.gov/OSCAL-Reference/models/v1.1.3/assessment-results/json-reference/).
Every identifier is a UUID of version 5 over the pack, so the same pack gives the same document.
OSCAL knows two ends for a finding; unknown stays unknown in a property and in words.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from . import canonical
from .content import Annex, Checked, CheckResult, ControlResult, PackContent, Result, Section

OSCAL_NAME = "oscal-assessment-results.json"
OSCAL_VERSION = "1.1.3"
NAMESPACE = "https://bailiwick.example/ns/oscal"
_EVIDENCE = ("events.jsonl", "summary.json")
_STATES: dict[Result, tuple[str, str]] = {
    "good": ("satisfied", "pass"),
    "attention": ("not-satisfied", "other"),
    "danger": ("not-satisfied", "fail"),
    "unknown": ("not-satisfied", "other"),
}


def oscal_bytes(content: PackContent, files: Iterable[Annex]) -> bytes:
    """Return the document as canonical JSON; ``files`` are linked by name and SHA-256."""
    return canonical.dumps({"assessment-results": _Document(content, tuple(files)).write()})


class _Document:
    """Writes one document; identifiers are derived from the pack's title, tenant and instant."""

    def __init__(self, content: PackContent, files: tuple[Annex, ...]) -> None:
        self.content, self.files = content, files
        told = "\n".join((content.tenant_name, content.title, content.generated_at.isoformat()))
        self.base = uuid5(NAMESPACE_URL, f"{NAMESPACE}\n{told}")
        self.observations: list[dict[str, Any]] = []

    def id(self, *path: object) -> str:
        return str(uuid5(self.base, "/".join(map(str, path))))

    def write(self) -> dict[str, Any]:
        at = _instant(self.content.generated_at)
        return {
            "uuid": self.id("document"),
            "metadata": {
                "title": _line(self.content.title),
                "last-modified": at,
                "version": at,
                "oscal-version": OSCAL_VERSION,
                "props": [_prop("language", self.content.language)],
                "parties": [self._party()],
            },
            "import-ap": {
                "href": f"#{self.id('plan')}",
                "remarks": "There is no separate plan: the checks are those the console runs.",
            },
            "results": [self._result()],
            "back-matter": {"resources": [self._plan(), *map(self._resource, self.files)]},
        }

    def _party(self) -> dict[str, Any]:
        name = _line(self.content.tenant_name)
        return {"uuid": self.id("tenant"), "type": "organization", "name": name}

    def _plan(self) -> dict[str, Any]:
        title = "The console's own checks"
        return {"uuid": self.id("plan"), "title": title, "description": "Checks run by code."}

    def _result(self) -> dict[str, Any]:
        period = self.content.period
        for number, section in enumerate(self.content.sections):
            self._observe_section(number, section)
        findings = [self._finding(control) for control in self.content.control_results]
        told = {
            "uuid": self.id("result"),
            "title": _line(self.content.purpose),
            "description": _words(self.content.subject or self.content.purpose),
            "start": _day(period.first),
            "end": _day(period.last + timedelta(days=1)),
            "props": [_prop("result", self.content.result)],
            "reviewed-controls": {"control-selections": [self._selection()]},
        }
        if self.observations:
            told["observations"] = self.observations
        gaps = "; ".join(f"{gap.what}: {gap.why}" for gap in self.content.not_included)
        if gaps:
            told["remarks"] = f"Not included: {gaps}"
        return told | ({"findings": findings} if findings else {})

    def _selection(self) -> dict[str, Any]:
        ids = [{"control-id": _token(control)} for control in self.content.controls]
        return {"include-controls": ids} if ids else {"include-all": {}}

    def _observe_section(self, number: int, section: Section) -> None:
        for place, check in enumerate(section.checked):
            self._observe(("check", number, place), check.what, _said(section, check), check.result)
        for place, found in enumerate(section.exceptions):
            words = f"{section.heading}: {found.what}. {found.detail}"
            self._observe(("exception", number, place), found.what, words, found.result)

    def _observe(
        self,
        path: tuple[object, ...],
        title: str,
        words: str,
        result: Result,
        at: datetime | None = None,
    ) -> str:
        key = self.id(*path)
        evidence = [
            {"href": f"#{self.id('file', file.name)}", "description": _words(file.description)}
            for file in self.files
            if file.name in _EVIDENCE
        ]
        self.observations.append(
            {
                "uuid": key,
                "title": _line(title),
                "description": _words(words),
                "methods": ["TEST"],
                "types": ["control-objective"],
                "collected": _instant(at or self.content.generated_at),
                "props": [_prop("result", result)],
                **({"relevant-evidence": evidence} if evidence else {}),
            }
        )
        return key

    def _finding(self, control: ControlResult) -> dict[str, Any]:
        related = [self._check(control, check) for check in control.checks]
        state, reason = _STATES[control.result]
        words = _UNKNOWN if control.result == "unknown" else control.title
        told = {
            "uuid": self.id("finding", control.id),
            "title": _line(f"{control.id}: {control.title}"),
            "description": _words(control.title),
            "props": [_prop("result", control.result)],
            "target": {
                "type": "objective-id",
                "target-id": _token(control.id),
                "status": {"state": state, "reason": reason, "remarks": words},
            },
        }
        links = [{"observation-uuid": key} for key in related]
        return told | ({"related-observations": links} if links else {})

    def _check(self, control: ControlResult, check: CheckResult) -> str:
        path = ("control", control.id, check.name)
        return self._observe(path, check.question, check.sentence, check.result, check.at)

    def _resource(self, file: Annex) -> dict[str, Any]:
        digest = {"algorithm": "SHA-256", "value": sha256(file.data).hexdigest()}
        return {
            "uuid": self.id("file", file.name),
            "title": file.name,
            "description": _words(file.description),
            "rlinks": [{"href": file.name, "media-type": file.mime, "hashes": [digest]}],
        }


_UNKNOWN = "Unknown: what the check needs was not read, so nothing is claimed either way."


def _said(section: Section, check: Checked) -> str:
    note = f" ({check.note})" if check.note else ""
    return f"{section.heading}: {check.what}{note}. By {check.by}."


def _prop(name: str, value: str) -> dict[str, str]:
    return {"name": name, "ns": NAMESPACE, "value": value}


def _line(text: str) -> str:
    """One line, as titles must be."""
    return " ".join(text.split()) or "-"


def _words(text: str) -> str:
    return text.strip() or "-"


def _token(control: str) -> str:
    """An id as OSCAL's tokens are written; ours already are, but for spaces and slashes."""
    return "".join(sign if sign.isalnum() or sign in "-._" else "_" for sign in control)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _day(day: date) -> str:
    return _instant(datetime.combine(day, time.min, tzinfo=UTC))
