"""Whether a spool's lines may go into the open tenant's ledger, beyond what their bytes prove."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from apps.common.scope import current_tenant_id
from apps.ledger import registry
from apps.ledger.spool import key
from apps.ledger.spool.lines import Fault, Header, Line, read


@dataclass(frozen=True, slots=True)
class Judged:
    """A spool's file: the events to record, by number, and everything that is wrong with it."""

    header: Header | None
    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]
    torn: int

    @property
    def why(self) -> str:
        """The code of what kept the first of these events out of the ledger."""
        return str(_said(self.lines[0])["spooled"]["why"]) if self.lines else ""

    def event_ids(self) -> list[UUID]:
        """The ids of its events."""
        return [UUID(_said(line)["event_id"]) for line in self.lines]


def judge(path: Path, data: bytes) -> Judged:
    """Judge a file of the open tenant. Nothing of another tenant or an unknown key is recorded."""
    found = read(data)
    faults = list(found.faults)
    header = found.header
    if header is None:
        return Judged(None, (), tuple(faults), found.torn)
    if path.stem != str(header.spool):
        faults.append(Fault(0, "swapped"))
    since = key.known_since(header.key)
    if header.tenant != current_tenant_id() or since is None:
        reason = "unknown_key" if header.tenant == current_tenant_id() else "another_tenant"
        return Judged(header, (), (*faults, Fault(0, reason)), found.torn)
    good = [line for line in found.lines if _fits(line, header, since)]
    faults += _misfits(found.lines, good)
    return Judged(header, tuple(good), tuple(faults), found.torn)


def _misfits(lines: Iterable[Line], good: list[Line]) -> list[Fault]:
    return [Fault(line.number, "does_not_belong") for line in lines if line not in good]


def _fits(line: Line, header: Header, since: datetime) -> bool:
    """The body says what its spool is: tenant, source, number and key, after the key was known."""
    try:
        said = _said(line)
        mark = said["spooled"]
        return (
            said["tenant_id"] == str(header.tenant)
            and said["source"] == {"id": str(header.spool), "seq": line.number}
            and mark["key"] == header.key
            and datetime.fromisoformat(mark["at"]) >= since
            and registry.is_registered(said["action"])
            and bool(UUID(said["event_id"]))
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def _said(line: Line) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(line.body)
    return said
