"""Permissions that a group of permission sets mutes are not held."""

import pytest

from apps.crm.models import Connection, SnapshotAssignment
from tests.cast import Cast
from tests.crm import orgs
from tests.crm.test_snapshots import take
from tests.fakes.sandbox import RunningSandbox

pytestmark = pytest.mark.django_db


def test_a_muting_set_takes_permissions_out_of_its_group(
    cast: Cast, sandbox: RunningSandbox
) -> None:
    connection = orgs.check(cast, orgs.connect(cast, sandbox))
    group, legacy = ids_of(cast, connection)
    sandbox.seed(records={"PermissionSetGroupComponent": [member(group, legacy)]})
    assert "Modify All Data" in held_by_group(cast, connection)
    muted = "0QMMa0000000001AAA"
    sandbox.seed(records={"MutingPermissionSet": [mutes(muted)]})
    sandbox.seed(records={"PermissionSetGroupComponent": [member(group, muted)]})
    held = held_by_group(cast, connection)
    with cast.at_acme():
        muting = SnapshotAssignment.objects.latest("snapshot__taken_at", "via_group_id").muted
    assert muting == [["Modify All Data", "Mutes"]]  # shown with what takes it away
    assert "Modify All Data" not in held
    assert "View All Data" in held  # in the same set, and not muted
    sandbox.fault("insufficient_access", when="always", path="/sobjects/MutingPermissionSet")
    assert held_by_group(cast, connection) == []  # unknown


def member(group: str, held: str) -> dict[str, str]:
    return {"PermissionSetGroupId": group, "PermissionSetId": held}


def mutes(record_id: str) -> dict[str, object]:
    return {
        "Id": record_id,
        "DeveloperName": "Mutes",
        "MasterLabel": "Mutes",
        "PermissionsModifyAllData": True,
    }


def ids_of(cast: Cast, connection: Connection) -> tuple[str, str]:
    """A group that somebody holds, and the set with the far-reaching permissions."""
    snapshot = take(cast, connection)
    with cast.at_acme():
        rows = SnapshotAssignment.objects.filter(snapshot=snapshot)
        group = rows.exclude(via_group_id="")[0].via_group_id
        legacy = rows.get(label="LLM Sync (legacy)").permission_set_id
    return group, legacy


def held_by_group(cast: Cast, connection: Connection) -> list[str]:
    snapshot = take(cast, connection)
    with cast.at_acme():
        row = SnapshotAssignment.objects.filter(snapshot=snapshot).exclude(via_group_id="")[0]
        return row.dangerous or []
