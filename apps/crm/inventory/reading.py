"""Reading one source in full, or knowing that it was not.

Every read is compared with the org's own count, which comes with a query's first page; a source
whose numbers differ is incomplete.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from typing import Any

from apps.crm import errors
from apps.crm.client.soql import quoted
from apps.crm.inventory.packed import Record, Rows
from apps.crm.session import Org

IDS_PER_QUERY = 200  # keeps a query's address well under the platform's 16 KB
# After one of these the next source would fail in the same way, only later.
STOPS = (
    errors.OrgUnavailable,
    errors.NotJson,
    errors.LimitReached,
    errors.GrantRefused,
    errors.LoginThrottled,
    errors.SessionExpired,
    errors.HostChanged,
    errors.NotTrusted,
)


@dataclass
class Source:
    """What became of one source. `state` is waiting, reading, complete, incomplete or failed."""

    source: str
    label: str
    expected: int | None = None
    read: int = 0
    state: str = "waiting"
    error: str = ""
    rows: Rows = field(default_factory=list, repr=False)

    def told(self) -> dict[str, Any]:
        """This source without its rows, as a snapshot keeps it."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name != "rows"}

    def settle(self, rows: Rows, *, expected: int) -> None:
        """Note what was read and whether it is all."""
        self.rows, self.read, self.expected = rows, len(rows), expected
        self.state = "complete" if self.read == expected else "incomplete"
        if self.state == "incomplete":
            self.error = f"The org counts {expected:,}, but listed {self.read:,}."


def read_into(source: Source, read: Callable[[Source], None]) -> errors.CrmError | None:
    """Run one read. An error marks the source and is returned when it stops all others too."""
    source.state = "reading"
    try:
        read(source)
    except errors.CrmError as error:
        source.state, source.error = "failed", error.message
        return error if isinstance(error, STOPS) else None
    return None


def read_all(org: Org, source: Source, *, fields: Iterable[str], where: str = "") -> None:
    """All records of an object (or those that match), compared with their count."""
    clause = f" WHERE {where}" if where else ""
    expected, rows = org.counted(f"SELECT {', '.join(fields)} FROM {source.source}{clause}")  # noqa: S608
    source.settle(list(rows), expected=expected)


def read_by_ids(
    org: Org, source: Source, *, fields: Iterable[str], key: str, ids: Iterable[str]
) -> None:
    """All records whose `key` is one of the ids, in portions, compared with their counts."""
    wanted, rows, expected = sorted(set(ids)), list[Record](), 0
    for start in range(0, len(wanted), IDS_PER_QUERY):
        portion = Source(source.source, source.label)
        chosen = ", ".join(quoted(each) for each in wanted[start : start + IDS_PER_QUERY])
        read_all(org, portion, fields=fields, where=f"{key} IN ({chosen})")
        rows += portion.rows
        expected += portion.expected or 0
    source.settle(rows, expected=expected)
