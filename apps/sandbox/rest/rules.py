"""What the platform checks and fills in when a record is written."""

from datetime import datetime
from typing import Any

from apps.sandbox.errors import ApiError, insufficient_access
from apps.sandbox.org import Org, Record
from apps.sandbox.rest.context import known_id
from apps.sandbox.schema.fields import Field, SObject
from apps.sandbox.times import read_stamp, stamp


def checked_values(org: Org, sobject: SObject, values: Record, *, creating: bool = True) -> Record:
    """The values under their true field names. Raises ApiError for the first that is wrong."""
    checked: Record = {}
    for name, value in values.items():
        if name.lower() == "attributes":
            continue
        field = _writable(sobject, name, creating=creating)
        checked[field.name] = _checked(org, field, value)
    if creating:
        _check_required(sobject, checked)
    return checked


def _writable(sobject: SObject, name: str, *, creating: bool) -> Field:
    field = sobject.field(name)
    if field is None:
        message = f"No such column '{name}' on sobject of type {sobject.name}"
        raise ApiError(400, "INVALID_FIELD", message)
    if not (field.createable if creating else field.updateable):
        message = (
            f"Unable to create/update fields: {field.name}. Please check the security settings "
            "of this field and verify that it is read/write for your profile or permission set."
        )
        raise ApiError(400, "INVALID_FIELD_FOR_INSERT_UPDATE", message, fields=[field.name])
    return field


def _checked(org: Org, field: Field, value: Any) -> Any:
    if value is None or value == "":
        if not field.nillable:
            raise _required([field.name])
        return None
    check = _CHECKS.get(field.type)
    if check is not None:
        return check(org, field, value)
    return _text(field, value)


def _text(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong_type(field, value)
    if field.length and len(value) > field.length:
        shown = value[:255]
        message = f"{field.label}: data value too large: {shown} (max length={field.length})"
        raise ApiError(400, "STRING_TOO_LONG", message, fields=[field.name])
    return value


def _email(org: Org, field: Field, value: Any) -> str:
    text = _text(field, value)
    name, _, domain = text.rpartition("@")
    if not name or "." not in domain:
        message = f"{field.label}: invalid email address: {text}"
        raise ApiError(400, "INVALID_EMAIL_ADDRESS", message, fields=[field.name])
    return text


def _flag(org: Org, field: Field, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong_type(field, value)
    return value


def _whole(org: Org, field: Field, value: Any) -> int:
    """Clients may send a number as text, as the platform allows."""
    if isinstance(value, str) and value.strip().lstrip("-").isdecimal():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong_type(field, value)
    return value


def _moment(org: Org, field: Field, value: Any) -> str:
    try:
        return stamp(read_stamp(str(value)))
    except ValueError as error:
        raise _wrong_type(field, value) from error


def _reference(org: Org, field: Field, value: Any) -> str:
    record_id = known_id(str(value))
    if record_id is None:
        message = f"{field.label}: id value of incorrect type: {value}"
        raise ApiError(400, "MALFORMED_ID", message, fields=[field.name])
    if field.refers_to and org.record(field.refers_to, record_id) is None:
        message = "invalid cross reference id"
        raise ApiError(400, "INVALID_CROSS_REFERENCE_KEY", message, fields=[field.name])
    return record_id


_CHECKS = {
    "email": _email,
    "boolean": _flag,
    "int": _whole,
    "datetime": _moment,
    "reference": _reference,
}


def _wrong_type(field: Field, value: Any) -> ApiError:
    message = f"Cannot deserialize instance of {field.type} from value {value}"
    return ApiError(400, "JSON_PARSER_ERROR", message)


def _required(names: list[str]) -> ApiError:
    message = f"Required fields are missing: [{', '.join(names)}]"
    return ApiError(400, "REQUIRED_FIELD_MISSING", message, fields=names)


def _check_required(sobject: SObject, values: Record) -> None:
    missing = [f.name for f in sobject.fields if f.required and values.get(f.name) is None]
    if missing:
        raise _required(missing)


def complete(org: Org, sobject: SObject, values: Record, *, by: str) -> Record:
    """Fill in what the platform derives before a record is first saved. Raises ApiError."""
    if sobject.field("OwnerId"):
        values.setdefault("OwnerId", by)
    if sobject.name == "SetupEntityAccess":
        values["SetupEntityType"] = _entity_type(org, values["SetupEntityId"])
    if sobject.name == "Case":
        values["CaseNumber"] = f"{org.store.add('id', 'CaseNumber', 1):08d}"
    if sobject.name == "PermissionSetAssignment":
        _check_assignment(org, values)
        values["IsActive"] = True
    return values


def _entity_type(org: Org, entity_id: str) -> str:
    for name in ("ConnectedApplication", "ExternalClientApplication"):
        if org.record(name, entity_id):
            return name
    message = "invalid cross reference id"
    raise ApiError(400, "INVALID_CROSS_REFERENCE_KEY", message, fields=["SetupEntityId"])


def _check_assignment(org: Org, values: Record) -> None:
    keys = ("AssigneeId", "PermissionSetId", "PermissionSetGroupId")
    if not values.get("PermissionSetId") and not values.get("PermissionSetGroupId"):
        raise _required(["PermissionSetId"])
    same = {key: values[key] for key in keys if values.get(key)}
    if org.first("PermissionSetAssignment", **same):
        message = "Duplicate PermissionSetAssignment. Assignee: " + str(values["AssigneeId"])
        raise ApiError(400, "DUPLICATE_VALUE", message, fields=[])


def check_deletable(org: Org, sobject: SObject, record: Record) -> None:
    """Raises ApiError for what only its owner may take away: what a profile brings along."""
    if sobject.name != "PermissionSetAssignment":
        return
    held = org.record("PermissionSet", str(record.get("PermissionSetId") or "")) or {}
    if held.get("IsOwnedByProfile"):
        raise insufficient_access("a permission set owned by a profile cannot be unassigned")


def _follow_profile(org: Org, user: Record, *, now: datetime) -> None:
    """Give the user the permission set of the profile, and take away that of the last."""
    owned = org.first("PermissionSet", ProfileId=user["ProfileId"], IsOwnedByProfile=True) or {}
    for assignment in org.find("PermissionSetAssignment", AssigneeId=user["Id"]):
        held = org.record("PermissionSet", str(assignment.get("PermissionSetId") or "")) or {}
        if held.get("IsOwnedByProfile"):
            values = {"PermissionSetId": owned["Id"]}
            org.update("PermissionSetAssignment", assignment["Id"], values, now=now)


def seal(org: Org, sobject: SObject, record: Record, *, now: datetime) -> None:
    """Derive the fields that follow from others: names, and whether a case is closed."""
    derived: Record = {}
    if sobject.name in {"Contact", "User"}:
        parts = (record.get("FirstName"), record.get("LastName"))
        derived["Name"] = " ".join(part for part in parts if part)
    if sobject.name == "User":
        _follow_profile(org, record, now=now)
    if sobject.name == "Case":
        closed = record.get("Status") == "Closed"
        contact = org.record("Contact", str(record.get("ContactId") or "")) or {}
        derived = {
            "IsClosed": closed,
            "ClosedDate": (record.get("ClosedDate") or stamp(now)) if closed else None,
            "ContactEmail": contact.get("Email"),
            "ContactPhone": contact.get("Phone"),
            "ContactMobile": contact.get("MobilePhone"),
        }
    if derived:
        org.update(sobject.name, record["Id"], derived, now=now)
