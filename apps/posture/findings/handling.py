"""What people do about findings: own them, fix them, or accept them for a time."""

import hashlib
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts.models import User
from apps.common.errors import Conflict, Invalid
from apps.ledger import services as ledger
from apps.posture import policies
from apps.posture.findings.reading import lock_finding_for
from apps.posture.findings.reporting import LOOKOUT
from apps.posture.models import Finding
from apps.tenancy import selectors as tenancy

LONGEST_ACCEPTANCE = timedelta(days=366)
SHORTEST_REASON = 10
MOST_CHARACTERS = 400


@transaction.atomic
def assign_finding(
    *, actor: User, finding_id: UUID, owner_id: UUID | None, due_on: date | None, now: datetime
) -> Finding:
    """Give a finding an owner and a day, or take them away.

    Raises `Denied`, `NotFound`, `Conflict` for one that is over, and `Invalid` for an owner who is
    not of this tenant or a day that has passed.
    """
    found = _open_for(actor, finding_id)
    owner = _member(owner_id)
    if due_on is not None and due_on < now.date() and due_on != found.due_on:
        raise Invalid("That day has passed. Choose today or later.", field="due_on")
    found.owner, found.due_on = owner, due_on
    found.save(update_fields=["owner", "due_on"])
    data = {"owner": str(owner.pk) if owner else None, "due_on": str(due_on) if due_on else None}
    _record(actor, found, "posture.finding.assigned", now, data)
    return found


@transaction.atomic
def accept_finding(
    *, actor: User, finding_id: UUID, reason: str, until: date, now: datetime
) -> Finding:
    """Live with it until a day, for a reason that the finding keeps; then it is open again.

    Raises `Denied` for anyone but a tenant admin with rights on the org, `NotFound`, `Conflict`,
    and `Invalid` for no reason, a day that has passed, or one more than a year away.
    """
    found = _open_for(actor, finding_id)
    policies.may_accept_finding(actor, found).require()
    reason = _words(reason)
    if not now.date() < until <= (now + LONGEST_ACCEPTANCE).date():
        raise Invalid("Choose a day after today and within a year.", field="until")
    found.state, found.reason, found.accepted_until = Finding.State.ACCEPTED, reason, until
    found.save(update_fields=["state", "reason", "accepted_until"])
    digest = hashlib.sha256(reason.encode()).hexdigest()
    data = {"until": str(until), "reason_sha256": digest}
    _record(actor, found, "posture.finding.accepted", now, data)
    return found


@transaction.atomic
def begin_fixing(*, actor: User, finding_id: UUID, now: datetime) -> Finding:
    """Say that it is being fixed; whoever says so owns it unless somebody does."""
    found = _open_for(actor, finding_id)
    if found.state == Finding.State.FIXING:
        raise Conflict("This is being fixed already.")
    found.state, found.owner = Finding.State.FIXING, found.owner or actor
    found.accepted_until, found.reason = None, ""
    found.save(update_fields=["state", "owner", "accepted_until", "reason"])
    _record(actor, found, "posture.finding.taken_up", now, {"owner": str(found.owner.pk)})
    return found


@transaction.atomic
def say_fixed(*, actor: User, finding_id: UUID, now: datetime) -> Finding:
    """Say that it is fixed. Only a complete look afterwards proves it, or reopens it."""
    found = _open_for(actor, finding_id)
    found.state, found.fixed_at, found.accepted_until = Finding.State.FIXED, now, None
    found.save(update_fields=["state", "fixed_at", "accepted_until"])
    _record(actor, found, "posture.finding.said_fixed", now, {})
    return found


@transaction.atomic
def reopen_ended(*, now: datetime) -> int:
    """Open again what was accepted until a day that has passed; the number."""
    rows = Finding.objects.select_for_update(of=("self",)).filter(
        state=Finding.State.ACCEPTED, accepted_until__lt=now.date()
    )
    ended = list(rows)
    for found in ended:
        found.state = Finding.State.REOPENED
        found.save(update_fields=["state"])
        ledger.record(
            actor=LOOKOUT,
            action="posture.finding.reopened",
            target=found,
            at=now,
            data={"kind": found.kind, "accepted_until": str(found.accepted_until)},
        )
    return len(ended)


def _open_for(actor: User, finding_id: UUID) -> Finding:
    found = lock_finding_for(actor=actor, finding_id=finding_id)
    policies.may_handle_finding(actor, found).require()
    if found.state in (Finding.State.FIXED, Finding.State.VERIFIED):
        raise Conflict("This finding is over. It opens again by itself if it is seen again.")
    return found


def _member(owner_id: UUID | None) -> User | None:
    if owner_id is None:
        return None
    for member in tenancy.list_members():
        if member.user.pk == owner_id:
            return member.user
    raise Invalid("Choose somebody who works in this tenant.", field="owner")


def _words(reason: str) -> str:
    reason = " ".join(reason.replace("\x00", "").split())
    if len(reason) < SHORTEST_REASON:
        raise Invalid("Say in a sentence why this may stay for a time.", field="reason")
    if len(reason) > MOST_CHARACTERS:
        raise Invalid(f"Say it in at most {MOST_CHARACTERS} characters.", field="reason")
    return reason


def _record(actor: User, found: Finding, action: str, now: datetime, data: dict[str, Any]) -> None:
    ledger.record(actor=actor, action=action, target=found, at=now, data=data)
