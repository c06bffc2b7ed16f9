"""What an account may do, and by which path it holds each far-reaching permission."""

from collections.abc import Iterable
from dataclasses import dataclass

from apps.crm.models import SnapshotAccount, SnapshotAssignment


@dataclass(frozen=True, slots=True)
class Path:
    """One way in which a permission reaches an account."""

    kind: str  # profile, permission set, permission set group
    label: str
    assignment_id: str

    def __str__(self) -> str:
        return f"{self.kind} {self.label}"


@dataclass(frozen=True, slots=True)
class Held:
    """One far-reaching permission with all its paths."""

    permission: str
    paths: tuple[Path, ...]

    @property
    def words(self) -> str:
        return " and ".join(str(path) for path in self.paths)


@dataclass(frozen=True, slots=True)
class Muted:
    """A far-reaching permission that a group would give, were it not for a muting set in it."""

    permission: str
    path: Path
    by: str

    def __str__(self) -> str:
        return f"{self.path}, muted by {self.by}"


@dataclass(frozen=True, slots=True)
class Account:
    """One account of a snapshot. `unread` names what gives permissions that are unknown."""

    row: SnapshotAccount
    assignments: tuple[SnapshotAssignment, ...]
    dangerous: tuple[Held, ...]
    unread: tuple[str, ...]
    muted: tuple[Muted, ...] = ()

    @property
    def is_known(self) -> bool:
        return not self.unread

    @property
    def tone(self) -> str:
        if self.dangerous:
            return "danger"
        return "unknown" if self.unread else "good"

    @property
    def words(self) -> str:
        """How far the account reaches, in a sentence."""
        named = ", ".join(each.permission for each in self.dangerous)
        if self.dangerous:
            more = " Some of its permissions are unknown." if self.unread else ""
            return f"Holds {named}.{more}"
        if self.unread:
            return "Some of its permissions could not be read, so what it holds is unknown."
        return "Holds none of the far-reaching permissions."


def account_of(row: SnapshotAccount, assignments: Iterable[SnapshotAssignment]) -> Account:
    """An account with what its assignments give."""
    given = tuple(assignments)
    paths: dict[str, list[Path]] = {}
    unread = []
    for each in given:
        path = _path(each)
        if each.dangerous is None:
            unread.append(str(path))
        for permission in each.dangerous or []:
            paths.setdefault(permission, []).append(path)
    dangerous = tuple(
        Held(name, tuple(sorted(found, key=str))) for name, found in sorted(paths.items())
    )
    muted = (Muted(permission, _path(each), by) for each in given for permission, by in each.muted)
    return Account(row, given, dangerous, tuple(unread), tuple(sorted(muted, key=str)))


def _path(row: SnapshotAssignment) -> Path:
    if row.owned_by_profile:
        return Path("profile", row.account.profile or row.label, row.assignment_id)
    kind = "permission set group" if row.via_group_id else "permission set"
    return Path(kind, row.label, row.assignment_id)
