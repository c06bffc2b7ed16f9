"""A scan as its page shows it: in a sentence, by rule, and beside the scan before."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import cast

from apps.posture.models import Scan, ScanFinding
from apps.posture.scan.findings import Finding, Place, Report
from apps.posture.scan.rules import RULES, Level, Rule
from apps.posture.scans.hosts import OUTSIDE, Host
from apps.posture.scans.org.files import kind_of, kinds_read

LEVELS = ("error", "warning", "note")
SHOWN_PLACES = 50
_SIGNS = {
    Scan.State.QUEUED: "neutral",
    Scan.State.RUNNING: "neutral",
    Scan.State.COMPLETE: "good",
    Scan.State.INCOMPLETE: "attention",
    Scan.State.FAILED: "danger",
    Scan.State.CANCELLED: "neutral",
}


@dataclass(slots=True)
class Group:
    """All findings of one rule and weight."""

    rule: Rule
    level: str
    findings: list[ScanFinding] = field(default_factory=list)
    new: int = 0

    @property
    def shown(self) -> list[ScanFinding]:
        """The places that the page lists; new ones first."""
        return self.findings[:SHOWN_PLACES]

    @property
    def hidden(self) -> int:
        """How many it does not."""
        return max(0, len(self.findings) - SHOWN_PLACES)


def tone_of(scan: Scan) -> str:
    """The tone of a scan's state."""
    return _SIGNS[Scan.State(scan.state)]


def groups_of(found: Iterable[ScanFinding], before: frozenset[str] | None) -> list[Group]:
    """Findings by weight and rule. `before` holds the keys of the scan before; None without one."""
    groups: dict[tuple[str, str], Group] = {}
    for each in found:
        at = (each.level, each.rule)
        group = groups.setdefault(at, Group(RULES[each.rule], each.level))
        group.findings.append(each)
        group.new += before is not None and each.key not in before
    for group in groups.values():
        group.findings.sort(
            key=lambda each: (
                before is not None and each.key in before,
                each.path,
                each.line,
                each.column,
            )
        )
    order = list(RULES)
    return sorted(
        groups.values(), key=lambda group: (LEVELS.index(group.level), order.index(group.rule.id))
    )


def sentence_of(scan: Scan, hosts: list[Host], groups: list[Group]) -> str:
    """How things stand, in words."""
    serious = sum(len(group.findings) for group in groups if group.level == "error")
    models = sum(host.is_llm and host.is_past_gateway for host in hosts)
    outside = sum(host.is_past_gateway and host.standing == OUTSIDE for host in hosts)
    told = [f"{_number(serious, 'serious finding')} in {_number(scan.files, 'file')}"]
    if models:
        told.append(f"{_number(models, 'model provider')} reached past the gateway")
    if outside:
        told.append(f"{_number(outside, 'address', 'addresses')} called outside the org's zone")
    said = "; ".join(told) + "."
    if scan.unread:
        said += f" {_number(len(scan.unread), 'part')} could not be read and may hold more."
    return said[0].upper() + said[1:]


def gone_from(scan: Scan, missing: list[ScanFinding]) -> list[ScanFinding]:
    """Of what the scan before showed and this did not, what this one could have shown."""
    if scan.origin != Scan.Origin.ORG:
        return missing
    read = kinds_read(path for path, _ in scan.unread)
    return [each for each in missing if kind_of(each.path) in read]


def is_whole(scan: Scan) -> bool:
    """Whether what a scan does not show is gone. An org answers kind by kind."""
    if scan.origin == Scan.Origin.ORG:
        return True
    return scan.covers_all and scan.state == Scan.State.COMPLETE


def report_from(scan: Scan, found: Iterable[ScanFinding]) -> Report:
    """The scanner's own report again, for SARIF."""
    findings = [
        Finding(
            each.rule,
            Place(each.path, each.line, each.column),
            each.message,
            each.subject,
            cast(Level, each.level),
        )
        for each in found
    ]
    unread = [(path, why) for path, why in scan.unread]
    return Report(findings=findings, unread=unread, files=scan.files)


def _number(count: int, one: str, many: str = "") -> str:
    words = one if count == 1 else many or f"{one}s"
    return f"{count:,} {words}" if count else f"no {words}"
