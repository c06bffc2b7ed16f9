"""What a scan reports: places, addresses and findings. None of them ever holds a secret."""

from dataclasses import dataclass, field
from typing import Literal

from .rules import RULES, Level, Rule

Through = Literal["yes", "no", "unknown"]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands: the file's path inside what was scanned; line and column from 1."""

    path: str
    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Address:
    """An address outside the org that the metadata names.

    `called` tells a call (a callout, a credential, a site that is allowed) from a mere mention.
    `jurisdiction` is an ISO 3166 country or region, "" when unknown; `basis` says how it is known.
    """

    place: Place
    host: str
    scheme: str
    source: str
    called: bool
    provider: str = ""
    is_llm: bool = False
    jurisdiction: str = ""
    basis: str = ""
    through_gateway: Through = "no"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that somebody should look at."""

    rule_id: str
    place: Place
    message: str
    subject: str = ""
    raised: Level | None = None

    @property
    def rule(self) -> Rule:
        """What kind of finding this is."""
        return RULES[self.rule_id]

    @property
    def level(self) -> Level:
        """How much it weighs; some findings weigh less than their rule."""
        return self.raised or self.rule.level


@dataclass(slots=True)
class Report:
    """All that one scan saw. `unread` names what could not be read, with the reason."""

    addresses: list[Address] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)
    files: int = 0

    def add(
        self,
        rule_id: str,
        place: Place,
        message: str,
        *,
        subject: str = "",
        raised: Level | None = None,
    ) -> None:
        """Keep a finding; an unknown rule is a programming error. `raised` replaces its weight."""
        self.findings.append(Finding(RULES[rule_id].id, place, message, subject, raised))

    def could_not_read(self, path: str, why: str, *, line: int = 1, column: int = 1) -> None:
        """Keep that a file, or part of it, is unknown to us."""
        self.unread.append((path, why))
        self.add("unreadable", Place(path, line, column), why)
