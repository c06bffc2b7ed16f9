"""Working off one batch of a run: decide, read, mask, ask, restore, write back, settle.

Before anything leaves, the policy in force decides; a refusal makes no call to the org or the
endpoint. Each record is settled in one transaction with the checkpoint and its ledger entry. A
worker that dies leaves at most one record unsettled, whose write-back is then repeated.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

from django.db import connection

from apps.common.errors import Conflict, NotFound, Outside
from apps.crm.client.soql import quoted
from apps.crm.errors import CrmError
from apps.crm.session import Org, open_org
from apps.llm.client.chat import ChatModel
from apps.llm.errors import LlmError
from apps.llm.opening import open_model
from apps.sync import prompts, settling, starting
from apps.sync.masking import mask
from apps.sync.models import Job
from apps.sync.settling import LeaseLost, Outcome
from apps.sync.starting import Plan

BATCH = 50
LONGEST_SUMMARY = 32_000  # characters; the field in the org holds 32,768
WHERE: dict[str, str] = {Job.Filter.OPEN_CASES: "IsClosed = false"}


def run_batch(*, tenant_id: UUID, run_id: UUID) -> None:
    """Work off the next batch, unless another worker is at it."""
    with _alone(run_id) as alone:
        plan = starting.begin(tenant_id=tenant_id, run_id=run_id) if alone else None
        if plan is None:
            return
        try:
            more = _work(plan)
        except LeaseLost:
            return
        except (Outside, Conflict, NotFound) as error:
            settling.put_off(plan, error)
            return
    # The lock is free before the next batch is queued: its worker would else find it taken.
    with suppress(LeaseLost):
        settling.end_batch(plan, more=more)


@contextmanager
def _alone(run_id: UUID) -> Iterator[bool]:
    """A lock that belongs to this worker's database session and so dies with the worker."""
    key = int.from_bytes(run_id.bytes[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [key])
        (held,) = cursor.fetchone()
    try:
        yield bool(held)
    finally:
        if held:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s)", [key])


def _work(plan: Plan) -> bool:
    """Carry a batch of records; whether there are more."""
    with (
        open_org(tenant_id=plan.tenant_id, connection_id=plan.connection_id) as org,
        open_model(tenant_id=plan.tenant_id, endpoint_id=plan.endpoint_id) as chat,
    ):
        waiting = org.count(f"SELECT COUNT() {_next(plan)}")
        settling.note_total(plan, waiting)
        for record in _contents(plan, org):
            _carry(plan, org, chat, record)
    return waiting > BATCH


def _contents(plan: Plan, org: Org) -> list[dict[str, Any]]:
    """The declared fields of the next records, in order. One request, however many wait."""
    columns = ", ".join(["Id", *plan.fields])
    return list(org.query(f"SELECT {columns} {_next(plan)} ORDER BY Id LIMIT {BATCH}"))


def _next(plan: Plan) -> str:
    """Matching records behind the checkpoint. The org compares ids as it orders them."""
    behind = f" AND Id > {quoted(plan.checkpoint)}" if plan.checkpoint else ""
    return f"FROM {plan.object_name} WHERE {WHERE[plan.filter]}{behind}"


def _carry(plan: Plan, org: Org, chat: ChatModel, record: dict[str, Any]) -> None:
    """One record there and back. What only this record suffers from parks it."""
    record_id, first_call = str(record["Id"]), len(org.request_ids)
    masked = mask(record, fields=plan.fields, masked_fields=plan.masked_fields)
    messages = prompts.messages_for(masked.values)
    outcome = Outcome(
        record_id=record_id,
        fingerprint=prompts.fingerprint(messages, key=plan.fingerprint_key),
        masked=masked.count,
    )
    try:
        answer = chat.complete(messages)
        outcome.model = answer.model
        outcome.request_ids.append(answer.request_id)
        summary = masked.restored(answer.text)[:LONGEST_SUMMARY]
        org.update(plan.object_name, record_id, {plan.writeback_field: summary})
    except (CrmError, LlmError) as error:
        if not settling.parks(error, plan):
            raise
        outcome.error = error
    outcome.request_ids.extend(org.request_ids[first_call:])
    settling.settle(plan, outcome)
