"""Telling the org: each step is published as a platform event that names the case.

Event `Bailiwick_Emergency__e`: `Case__c`, `Request__c`, `Step__c`, `Content_Hash__c` and
`Note_Id__c`, by which a subscriber recognises a repeated event (an org may have taken one whose
answer was lost). It carries no reason and no names.
"""

import re
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from apps.breakglass.models import CaseNote, Request
from apps.common.actors import Actor
from apps.common.clock import database_now, not_before
from apps.common.errors import Conflict
from apps.common.jobs import enqueue
from apps.common.scope import scoped
from apps.crm.errors import CrmError
from apps.crm.session import Org, open_org
from apps.ledger import services as ledger

EVENT_NAME = "Bailiwick_Emergency__e"
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=30)


def queue_note(request: Request, *, step: str, now: datetime) -> None:
    """Keep the note in the step's own transaction; it is sent once that commits."""
    note = CaseNote.objects.create(request=request, step=step, queued_at=now, due_at=now)
    enqueue("breakglass.note_on_case", note_id=note.pk)


def write_note(*, actor: Actor, tenant_id: UUID, note_id: UUID) -> None:
    """Look for the case and publish the step. Call it with no scope open; doing it twice is safe.

    A failure is recorded and the note stays due, ever later, until the org answers.
    """
    with scoped(tenant_id=tenant_id):
        note = _claim(note_id, now=database_now())
    if note is None:
        return
    try:
        with open_org(tenant_id=tenant_id, connection_id=note.request.connection_id) as org:
            found = _case_is_there(org, note.request.case_reference)
            org.publish(EVENT_NAME, _event(note))
            calls = list(org.request_ids)
    except (CrmError, Conflict) as failure:
        with scoped(tenant_id=tenant_id):
            _keep_failure(actor, note_id, failure.code, now=database_now())
        return
    with scoped(tenant_id=tenant_id):
        _keep_success(actor, note_id, found, calls, now=database_now())


@transaction.atomic
def _claim(note_id: UUID, *, now: datetime) -> CaseNote | None:
    """The note, with its next attempt put off so that two workers do not send it together."""
    rows = CaseNote.objects.select_for_update(of=("self",)).select_related("request")
    note = rows.filter(pk=note_id, written_at=None, due_at__lte=not_before(now)).first()
    if note is None:
        return None
    note.attempts += 1
    note.due_at = now + min(FIRST_WAIT * 2 ** min(note.attempts - 1, 10), LONGEST_WAIT)
    note.save(update_fields=["attempts", "due_at"])
    return note


def _case_is_there(org: Org, reference: str) -> bool | None:
    """Whether the org has the case; None for a ticket of another system. Only digits and letters
    reach the query, so nothing breaks out of its quotes."""
    if re.fullmatch(r"\d{8}", reference):
        column = "CaseNumber"
    elif re.fullmatch(r"500[A-Za-z0-9]{12,15}", reference):
        column = "Id"
    else:
        return None
    return org.count(f"SELECT COUNT() FROM Case WHERE {column} = '{reference}'") > 0  # noqa: S608


def _event(note: CaseNote) -> dict[str, str]:
    return {
        "Case__c": note.request.case_reference,
        "Request__c": str(note.request_id),
        "Step__c": note.step,
        "Content_Hash__c": note.request.content_hash,
        "Note_Id__c": str(note.pk),
    }


def _keep_failure(actor: Actor, note_id: UUID, code: str, *, now: datetime) -> None:
    note = CaseNote.objects.select_related("request").get(pk=note_id)
    note.failure = code
    note.save(update_fields=["failure"])
    data = {"step": note.step, "code": code, "attempt": note.attempts}
    ledger.record(
        actor=actor, action="breakglass.case.missed", target=note.request, at=now, data=data
    )


def _keep_success(
    actor: Actor, note_id: UUID, found: bool | None, calls: list[str], *, now: datetime
) -> None:
    note = (
        CaseNote.objects.select_for_update(of=("self",)).select_related("request").get(pk=note_id)
    )
    if note.written_at is not None:
        return
    note.written_at, note.case_found, note.failure = now, found, ""
    note.save(update_fields=["written_at", "case_found", "failure"])
    data = {"step": note.step, "case_found": found, "org_requests": calls}
    ledger.record(
        actor=actor, action="breakglass.case.noted", target=note.request, at=now, data=data
    )
