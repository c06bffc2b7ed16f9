"""Proposing a change, writing it anew, taking it back."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts.models import User
from apps.changes import policies, selectors
from apps.changes import secrets as secrets_
from apps.changes.kinds import KINDS, kind_of
from apps.changes.kinds.base import NEW_SECRETS
from apps.changes.models import Approval, Proposal
from apps.changes.services.moving import move, require_state, void
from apps.changes.states import OPEN, State
from apps.common.errors import Conflict, Invalid, NotFound
from apps.common.text import require_text
from apps.ledger import services as ledger


@transaction.atomic
def propose(
    *,
    actor: User,
    kind: str,
    target: str,
    wanted: dict[str, Any],
    reason: str,
    secrets: Mapping[str, str] | None = None,
    now: datetime,
) -> Proposal:
    """Keep a proposal with its preflight; nothing changes yet. `secrets` are new ones, typed.

    Raises `Denied`, `NotFound`, `Invalid` naming field and fix, `Conflict` while another proposal
    for the same thing is open.
    """
    if kind not in KINDS:
        raise Invalid(f"Choose one of: {', '.join(KINDS)}.", field="kind")
    target = kind_of(kind).one_spelling(target)
    policies.may_propose(actor, kind=kind, target=target).require()
    base = kind_of(kind).read(target)  # locks the thing: two proposals for it queue here
    _require_none_open(kind, target)
    proposal = Proposal(kind=kind, target=target, base=base, author=actor)
    proposal.author_person, proposal.proposed_at = actor.person_id, now
    proposal.target_name = kind_of(kind).name_of(target)[:255]
    _write(proposal, wanted, secrets or {}, reason, now=now)
    proposal.save(force_insert=True)
    _record(proposal, "changes.proposal.made", actor, now)
    return proposal


@transaction.atomic
def revise(
    *,
    actor: User,
    proposal_id: UUID,
    wanted: dict[str, Any],
    reason: str,
    secrets: Mapping[str, str] | None = None,
    now: datetime,
) -> Proposal:
    """Other content for a proposal that is not being applied yet; voids its approval.

    Secrets that were given before are forgotten; give them again.

    Raises `Denied`, `NotFound`, `NotInState`, `Invalid`.
    """
    proposal = selectors.lock_proposal(proposal_id)
    policies.may_withdraw(actor, proposal).require()
    policies.may_propose(actor, kind=proposal.kind, target=proposal.target).require()
    require_state(proposal, State.PROPOSED, State.APPROVED)
    approval = selectors.standing_approval(proposal)
    if approval is not None:
        void(approval, reason=Approval.Void.CONTENT_CHANGED, actor=actor, now=now)
        move(proposal, State.PROPOSED, now=now, decided_at=None)
    proposal.base = kind_of(proposal.kind).read(proposal.target)
    proposal.revision += 1
    _write(proposal, wanted, secrets or {}, reason, now=now)
    proposal.save()
    _record(proposal, "changes.proposal.revised", actor, now)
    return proposal


@transaction.atomic
def withdraw(*, actor: User, proposal_id: UUID, now: datetime) -> Proposal:
    """Its author takes it back. Raises `Denied`, `NotFound`, `NotInState`."""
    proposal = selectors.lock_proposal(proposal_id)
    policies.may_withdraw(actor, proposal).require()
    require_state(proposal, State.PROPOSED)
    move(proposal, State.WITHDRAWN, now=now, finished_at=now, sealed_secrets=None)
    ledger.record(actor=actor, action="changes.proposal.withdrawn", target=proposal, at=now)
    return proposal


def look_ahead(proposal: Proposal, *, now: datetime) -> dict[str, Any]:
    """What the change would do to known callers, as of now."""
    return kind_of(proposal.kind).preflight(proposal.target, proposal.wanted, now=now)


def preflight_now(proposal: Proposal, *, now: datetime) -> dict[str, Any]:
    """What an approval has to have seen: looked at anew while it waits, then as it was kept.

    As last kept, too, when the thing is gone.
    """
    if proposal.state != State.PROPOSED:
        return proposal.preflight
    try:
        return look_ahead(proposal, now=now)
    except NotFound:
        return proposal.preflight


def _write(
    proposal: Proposal,
    wanted: dict[str, Any],
    given: Mapping[str, str],
    reason: str,
    *,
    now: datetime,
) -> None:
    kind = kind_of(proposal.kind)
    proposal.wanted = kind.checked(proposal.target, wanted)
    new = kind.checked_secrets(proposal.target, proposal.wanted, given)
    proposal.sealed_secrets = secrets_.sealed_form(new)
    if NEW_SECRETS in proposal.base:
        proposal.wanted[NEW_SECRETS] = secrets_.digests(proposal.sealed_secrets)
    if _same(proposal.base, proposal.wanted):
        raise Conflict("That is how it is already.")
    proposal.reason = require_text(
        reason, field="reason", label="The reason", at_least=5, at_most=400
    )
    proposal.sealed_preflight = json.dumps(look_ahead(proposal, now=now))
    proposal.content_hash = proposal.hash_now()
    proposal.touched_at = now


def _same(base: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether what both hold agrees; the rest says only where each comes from."""
    return all(base[name] == wanted[name] for name in base.keys() & wanted.keys())


def _require_none_open(kind: str, target: str) -> None:
    if Proposal.objects.filter(kind=kind, target=target, state__in=OPEN).exists():
        raise Conflict("Another change of this is open. Decide it or withdraw it first.")


def _record(proposal: Proposal, action: str, actor: User, now: datetime) -> None:
    ledger.record(
        actor=actor,
        action=action,
        target=proposal,
        at=now,
        data={
            "kind": proposal.kind,
            "target": proposal.target,
            "content_hash": proposal.content_hash,
            "revision": proposal.revision,
        },
    )
