"""Approval processes, what was submitted to them, and who is asked."""

from apps.sandbox.schema.fields import (
    SObject,
    area,
    audited,
    choice,
    flag,
    identity,
    moment,
    reference,
    text,
)

_STATUS = choice("Status", "Pending", "Approved", "Rejected", "Removed")

PROCESS_DEFINITION = SObject(
    name="ProcessDefinition",
    prefix="04a",
    label="Process Definition",
    plural="Process Definitions",
    fields=(
        identity(),
        text("Name", 80, name_field=True),
        text("DeveloperName", 80),
        choice("Type", "Approval", "State-based"),
        text("Description"),
        text("TableEnumOrId", 40, type="picklist"),
        choice("LockType", "Total", "Admin", "Owner", "None"),
        choice("State", "Active", "Inactive", "Obsolete"),
        *audited(),
    ),
)
PROCESS_INSTANCE = SObject(
    name="ProcessInstance",
    prefix="04g",
    label="Process Instance",
    plural="Process Instances",
    fields=(
        identity(),
        flag("IsDeleted"),
        reference("ProcessDefinitionId", "ProcessDefinition"),
        text("TargetObjectId", 18, type="reference"),
        _STATUS,
        moment("CompletedDate"),
        reference("LastActorId", "User"),
        reference("SubmittedById", "User"),
        *audited(),
    ),
)
PROCESS_STEP = SObject(
    name="ProcessInstanceStep",
    prefix="04h",
    label="Process Instance Step",
    plural="Process Instance Steps",
    fields=(
        identity(),
        reference("ProcessInstanceId", "ProcessInstance"),
        choice("StepStatus", "Started", "Approved", "Rejected"),
        reference("OriginalActorId", "User"),
        reference("ActorId", "User"),
        area("Comments", 4000),
        *audited(),
    ),
)
PROCESS_WORKITEM = SObject(
    name="ProcessInstanceWorkitem",
    prefix="04i",
    label="Approval Request",
    plural="Approval Requests",
    fields=(
        identity(),
        flag("IsDeleted"),
        reference("ProcessInstanceId", "ProcessInstance"),
        reference("OriginalActorId", "User"),
        reference("ActorId", "User"),
        *audited(),
    ),
)
APPROVALS = (PROCESS_DEFINITION, PROCESS_INSTANCE, PROCESS_STEP, PROCESS_WORKITEM)
