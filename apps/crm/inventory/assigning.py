"""Assignments of permission sets and groups, with what is behind them."""

from apps.crm.inventory import names
from apps.crm.inventory.packed import Record
from apps.crm.inventory.read import Inventory
from apps.crm.inventory.values import instant, text
from apps.crm.models import Snapshot, SnapshotAccount, SnapshotAssignment


class Assigning:
    """Assignments with the permission sets behind them; a group counts all its members."""

    def __init__(
        self, found: Inventory, snapshot: Snapshot, accounts: dict[str, SnapshotAccount]
    ) -> None:
        self.found, self.snapshot, self.accounts = found, snapshot, accounts
        self.sets = {row["Id"]: row for row in found["PermissionSet"].rows}
        self.members: dict[str, list[str]] = {}
        for row in found["PermissionSetGroupComponent"].rows:
            group = self.members.setdefault(str(row["PermissionSetGroupId"]), [])
            group.append(str(row["PermissionSetId"]))

    def rows(self) -> list[SnapshotAssignment]:
        """The assignments in force."""
        return [
            self._row(row)
            for row in self.found["PermissionSetAssignment"].rows
            if not row.get("IsRevoked") and row.get("IsActive") is not False
        ]

    def _row(self, row: Record) -> SnapshotAssignment:
        set_id, group_id = text(row.get("PermissionSetId")), text(row.get("PermissionSetGroupId"))
        held = self.sets.get(set_id, {})
        group = row.get("PermissionSetGroup") or {}
        name = group.get("DeveloperName") if group_id else held.get("Name")
        label = group.get("MasterLabel") if group_id else held.get("Label")
        account, by_profile = (
            self.accounts[str(row["AssigneeId"])],
            bool(held.get("IsOwnedByProfile")),
        )
        if by_profile:  # its set is labelled with an id
            label = account.profile or label
        return SnapshotAssignment(
            snapshot=self.snapshot,
            account=account,
            assignment_id=row["Id"],
            permission_set_id=set_id,
            permission_set_name=text(name or set_id or group_id),
            label=text(label or name or set_id or group_id),
            via_group_id=group_id,
            owned_by_profile=by_profile,
            dangerous=self._dangerous(set_id, group_id),
            muted=self._muted(group_id),
            set_ids=self._sets_behind(set_id, group_id),
            expires_at=instant(row.get("ExpirationDate")),
        )

    def _sets_behind(self, set_id: str, group_id: str) -> list[str]:
        ids = self.members.get(group_id, []) if group_id else [set_id]
        return sorted(each for each in ids if each in self.sets)

    def _muted(self, group_id: str) -> list[list[str]]:
        """Far-reaching permissions that a group would give, were it not for its muting sets."""
        ids, flags = self.members.get(group_id, []), self.found.permission_flags
        sets = [self.sets[each] for each in ids if each in self.sets]
        given = {name for each in sets for name in names.dangerous_in(each, flags)}
        muting = [self.found.muting[each] for each in ids if each in self.found.muting]
        return sorted(
            [name, text(each.get("MasterLabel") or each["Id"])]
            for each in muting
            for name in names.dangerous_in(each, flags)
            if name in given
        )

    def _dangerous(self, set_id: str, group_id: str) -> list[str] | None:
        """None when a set behind the assignment could not be read: unknown is not harmless."""
        if group_id and self.found["PermissionSetGroupComponent"].state != "complete":
            return None
        ids = self.members.get(group_id, []) if group_id else [set_id]
        muting = [self.found.muting[each] for each in ids if each in self.found.muting]
        if any(each not in self.sets and each not in self.found.muting for each in ids):
            return None
        flags = self.found.permission_flags
        sets = [self.sets[each] for each in ids if each in self.sets]
        held = {name for each in sets for name in names.dangerous_in(each, flags)}
        held -= {name for each in muting for name in names.dangerous_in(each, flags)}
        return [name for name in names.DANGEROUS.values() if name in held]
