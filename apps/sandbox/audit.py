"""The setup audit trail: who changed what about access."""

from datetime import datetime

from apps.sandbox.org import Org, Record
from apps.sandbox.schema.fields import SObject
from apps.sandbox.times import stamp

_ACTIONS = {
    ("PermissionSetAssignment", "created"): "PermSetAssign",
    ("PermissionSetAssignment", "deleted"): "PermSetUnassign",
}
_SECTION = "Manage Users"


def note_change(
    org: Org, sobject: SObject, verb: str, record: Record, *, by: str, now: datetime
) -> None:
    """Remember that a set-up record was `created`, `changed` or `deleted`; others are not noted."""
    if sobject.writing_needs is None:
        return
    action = _ACTIONS.get((sobject.name, verb), f"{verb}{sobject.name}")
    note(
        org, action=action, display=f"{verb.title()} {_named(org, sobject, record)}", by=by, at=now
    )


def note(org: Org, *, action: str, display: str, by: str, at: datetime) -> None:
    values = {"Action": action, "Section": _SECTION, "Display": display, "CreatedById": by}
    org.insert("SetupAuditTrail", values | {"CreatedDate": stamp(at)}, now=at)


def _named(org: Org, sobject: SObject, record: Record) -> str:
    label = sobject.label.lower()
    if sobject.name != "PermissionSetAssignment":
        return f"{label} {record.get('Name') or record['Id']}"
    assigned = org.record("PermissionSet", str(record.get("PermissionSetId") or ""))
    assigned = assigned or org.record(
        "PermissionSetGroup", str(record.get("PermissionSetGroupId") or "")
    )
    user = org.record("User", record["AssigneeId"]) or {}
    name = (assigned or {}).get("Label") or (assigned or {}).get("MasterLabel")
    return f"{label}: {name} for {user.get('Username')}"
