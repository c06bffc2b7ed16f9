"""Approvals: a record is submitted, stays locked while it is pending, and is approved or rejected.

REST API guide, "Process Approvals": all requests of one call hold together.
"""

from typing import Any

from apps.sandbox.access import has_permission, may_touch
from apps.sandbox.errors import ApiError
from apps.sandbox.ids import normal_id
from apps.sandbox.org import Org, Record
from apps.sandbox.rest.context import Context
from apps.sandbox.schema.registry import SOBJECTS
from apps.sandbox.times import stamp
from apps.sandbox.wire import Answer

_DONE = {"Approve": "Approved", "Reject": "Rejected"}
_NOTHING: dict[str, Any] = {
    "actorIds": None,
    "entityId": None,
    "errors": None,
    "instanceId": None,
    "instanceStatus": None,
    "newWorkitemIds": [],
    "success": False,
}


def definitions(context: Context) -> Answer:
    """The active approval processes, by object."""
    told: dict[str, list[Record]] = {}
    for each in context.org.find("ProcessDefinition", State="Active"):
        of_object = told.setdefault(each["TableEnumOrId"], [])
        of_object.append(
            {
                "description": each.get("Description"),
                "id": each["Id"],
                "name": each["Name"],
                "object": each["TableEnumOrId"],
                "sortOrder": len(of_object) + 1,
            }
        )
    return Answer(body={"approvals": told})


def rules(context: Context) -> Answer:
    """Workflow rules: this org has none."""
    return Answer(body={"rules": {}})


def approve(context: Context) -> Answer:
    """Work off the requests in their order; one that is refused takes all back."""
    requests = context.call.json_object().get("requests")
    if not isinstance(requests, list) or not all(isinstance(each, dict) for each in requests):
        raise ApiError(400, "JSON_PARSER_ERROR", "requests must be a list of objects")
    before = context.org.store.begin()
    try:
        results = [_result(context, each) for each in requests]
    except Exception:
        context.org.store.roll_back(before)
        raise
    if all(each["success"] for each in results):
        context.org.store.commit()
        return Answer(body=results)
    context.org.store.roll_back(before)
    return Answer(status=400, body=[each if each["errors"] else _halted() for each in results])


def _halted() -> dict[str, Any]:
    message = "Record rolled back because another request of the same call failed"
    code = "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    return _NOTHING | {"errors": [{"fields": [], "message": message, "statusCode": code}]}


def check_unlocked(org: Org, record: Record, user_id: str) -> None:
    """Raises ApiError ENTITY_IS_LOCKED for a record that waits for an approval."""
    pending = org.first("ProcessInstance", TargetObjectId=record["Id"], Status="Pending")
    if pending is not None and not has_permission(org, user_id, "ModifyAllData"):
        message = "This record is locked. If you need to edit it, contact your admin."
        raise ApiError(400, "ENTITY_IS_LOCKED", message, fields=[])


def _result(context: Context, wanted: dict[str, Any]) -> dict[str, Any]:
    action = str(wanted.get("actionType", ""))
    try:
        if action == "Submit":
            return _NOTHING | _submitted(context, wanted)
        if action in _DONE:
            return _NOTHING | _decided(context, wanted, _DONE[action])
        message = "actionType must be Submit, Approve or Reject"
        raise ApiError(400, "JSON_PARSER_ERROR", message)
    except ApiError as error:
        told = {"fields": error.fields or [], "message": error.message, "statusCode": error.code}
        return _NOTHING | {"errors": [told]}


def _submitted(context: Context, wanted: dict[str, Any]) -> dict[str, Any]:
    org, now = context.org, context.call.now
    name, record = _target(context, str(wanted.get("contextId", "")))
    definition = _definition(org, name, str(wanted.get("processDefinitionNameOrId") or ""))
    if org.first("ProcessInstance", TargetObjectId=record["Id"], Status="Pending"):
        message = "Cannot submit object already in process."
        raise ApiError(400, "ALREADY_IN_PROCESS", message)
    submitter = _user(org, wanted.get("contextActorId") or context.user_id)
    approvers = [_user(org, each) for each in wanted.get("nextApproverIds") or []]
    if not approvers:
        raise ApiError(400, "MANAGER_NOT_DEFINED", "Manager undefined: name nextApproverIds.")
    instance = org.insert(
        "ProcessInstance",
        {
            "ProcessDefinitionId": definition["Id"],
            "TargetObjectId": record["Id"],
            "Status": "Pending",
            "SubmittedById": submitter,
            "LastActorId": submitter,
        },
        now=now,
        by=context.user_id,
    )
    _step(context, instance, "Started", submitter, wanted)
    asked = [
        org.insert(
            "ProcessInstanceWorkitem",
            {"ProcessInstanceId": instance["Id"], "OriginalActorId": each, "ActorId": each},
            now=now,
            by=context.user_id,
        )
        for each in approvers
    ]
    return _told(instance, "Pending", actors=approvers, items=[each["Id"] for each in asked])


def _decided(context: Context, wanted: dict[str, Any], status: str) -> dict[str, Any]:
    org, now = context.org, context.call.now
    item = org.record("ProcessInstanceWorkitem", str(wanted.get("contextId", "")))
    instance = org.record("ProcessInstance", item["ProcessInstanceId"]) if item else None
    if item is None or instance is None:
        raise _no_reference()
    may = item["ActorId"] == context.user_id
    if not may and not has_permission(org, context.user_id, "ModifyAllData"):
        message = "insufficient access rights on cross-reference id"
        raise ApiError(400, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", message)
    for each in org.find("ProcessInstanceWorkitem", ProcessInstanceId=instance["Id"]):
        org.store.remove("sobject:ProcessInstanceWorkitem", each["Id"])
    values = {"Status": status, "CompletedDate": stamp(now), "LastActorId": context.user_id}
    instance = org.update("ProcessInstance", instance["Id"], values, now=now, by=context.user_id)
    _step(context, instance, status, context.user_id, wanted)
    return _told(instance, status, actors=None, items=[])


def _told(
    instance: Record, status: str, *, actors: list[str] | None, items: list[str]
) -> dict[str, Any]:
    return {
        "actorIds": actors,
        "entityId": instance["TargetObjectId"],
        "instanceId": instance["Id"],
        "instanceStatus": status,
        "newWorkitemIds": items,
        "success": True,
    }


def _step(
    context: Context, instance: Record, status: str, actor: str, wanted: dict[str, Any]
) -> None:
    values = {
        "ProcessInstanceId": instance["Id"],
        "StepStatus": status,
        "OriginalActorId": actor,
        "ActorId": actor,
        "Comments": wanted.get("comments"),
    }
    context.org.insert("ProcessInstanceStep", values, now=context.call.now, by=context.user_id)


def _target(context: Context, record_id: str) -> tuple[str, Record]:
    """The object and the record of this id, if the user may read it."""
    for sobject in SOBJECTS:
        if sobject.by_object_permission and record_id.startswith(sobject.prefix):
            record = context.org.record(sobject.name, record_id)
            if record and may_touch(context.org, context.user_id, sobject, "read"):
                return sobject.name, record
    raise _no_reference()


def _definition(org: Org, sobject: str, wanted: str) -> Record:
    for each in org.find("ProcessDefinition", TableEnumOrId=sobject, State="Active"):
        if wanted in {"", each["DeveloperName"]} or normal_id(wanted) == each["Id"]:
            return each
    raise ApiError(400, "NO_APPLICABLE_PROCESS", "No applicable approval process was found.")


def _user(org: Org, user_id: Any) -> str:
    user = org.record("User", str(user_id))
    if user is None:
        raise _no_reference()
    return str(user["Id"])


def _no_reference() -> ApiError:
    return ApiError(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
