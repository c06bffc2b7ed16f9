"""Reading one source in full, or knowing that it was not.

Every read is compared with the org's own count, which comes with a query's first page; a source
whose numbers differ is incomplete.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from typing import Any

from apps.crm import errors
from apps.crm.inventory.packed import Rows
from apps.crm.inventory.volume import Reading, Wanted, read_chosen, read_matching
from apps.crm.session import Org

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
    """What became of one source. `state` is waiting, reading, complete, incomplete or failed.

    `way` says how it was read where not by query pages alone.
    """

    source: str
    label: str
    expected: int | None = None
    read: int = 0
    state: str = "waiting"
    error: str = ""
    way: str = ""
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
    _settle(source, read_matching(org, Wanted(source.source, tuple(fields), where)))


def read_by_ids(
    org: Org, source: Source, *, fields: Iterable[str], key: str, ids: Iterable[str]
) -> None:
    """All records whose `key` is one of the ids, compared with their counts."""
    wanted = Wanted(source.source, tuple(fields))
    _settle(source, read_chosen(org, wanted, key=key, ids=set(ids)))


def _settle(source: Source, found: Reading) -> None:
    source.way = found.way
    source.settle(found.rows, expected=found.expected)
