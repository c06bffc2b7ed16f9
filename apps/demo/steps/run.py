"""What the steps of the main job share: the console's address, the org, people, findings."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from apps.demo.orgs import Org
from apps.demo.people import PEOPLE
from apps.demo.visitor import Visitor

Say = Callable[[str], object]


@dataclass
class Run:
    """One run of the main job. `found` carries ids from step to step."""

    console_url: str
    org: Org
    packs: Path
    tenant_id: UUID
    say: Say
    found: dict[str, Any] = field(default_factory=dict)
    visitors: dict[str, Visitor] = field(default_factory=dict)

    def person(self, key: str) -> Visitor:
        """The named person of the demo, signed in once, in the tenant of the org."""
        if key not in self.visitors:
            [email] = [person.email for person in PEOPLE if person.key == key]
            visitor = Visitor(self.console_url, email).sign_in()
            self.visitors[key] = visitor.enter(self.tenant_id)
        return self.visitors[key]
