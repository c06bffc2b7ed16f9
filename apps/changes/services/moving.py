"""Moving a proposal from one state to the next, in one place."""

from datetime import datetime
from typing import Any

from apps.changes.errors import ContentChanged, NotInState
from apps.changes.models import Approval, Configuration, Proposal
from apps.changes.states import TRANSITIONS, State
from apps.common.actors import Actor, ServiceActor
from apps.ledger import services as ledger

KEEPER = ServiceActor("changes")


def move(proposal: Proposal, to: str, *, now: datetime, **changes: Any) -> None:
    """Write the new state with what belongs to it. Raises `NotInState`."""
    if to not in TRANSITIONS[proposal.state]:
        raise NotInState(
            f"This change is {State(proposal.state).label.lower()}, so it cannot become "
            f"{State(to).label.lower()}."
        )
    proposal.state, proposal.touched_at = State(to), now
    for name, value in changes.items():
        setattr(proposal, name, value)
    proposal.save(update_fields=["state", "touched_at", *changes])


def require_state(proposal: Proposal, *states: str) -> None:
    """Raises `NotInState` when it is past them."""
    if proposal.state not in states:
        words = State(proposal.state).label.lower()
        raise NotInState(f"This change is {words}; that is over.")


def require_untouched(proposal: Proposal) -> None:
    """The row still holds what its hash says. Raises `ContentChanged`."""
    if proposal.hash_now() != proposal.content_hash:
        raise ContentChanged("What is stored is not what was proposed. Nothing more will be done.")


def void(approval: Approval, *, reason: str, actor: Actor, now: datetime) -> None:
    """An approval that no longer counts; it stays visible."""
    approval.voided_at, approval.void_reason = now, reason
    approval.save(update_fields=["voided_at", "void_reason"])
    ledger.record(
        actor=actor,
        action="changes.approval.voided",
        target=approval.proposal,
        at=now,
        data={"approval": str(approval.pk), "reason": reason},
    )


def keep_configuration(
    proposal: Proposal, value: dict[str, Any], *, found: bool, now: datetime
) -> Configuration:
    """One more version of the thing's configuration; `found` is what was there before any."""
    newest = (
        Configuration.objects.filter(kind=proposal.kind, target=proposal.target)
        .order_by("-number")
        .first()
    )
    kept: Configuration = Configuration.objects.create(
        kind=proposal.kind,
        target=proposal.target,
        number=newest.number + 1 if newest else 1,
        value=value,
        proposal=None if found else proposal,
        set_at=now,
    )
    return kept


def forget_displaced(proposal: Proposal, *, but: Configuration | None = None) -> None:
    """Secrets that no undoing needs any more: of every version of the thing but the newest."""
    rows = Configuration.objects.filter(
        kind=proposal.kind, target=proposal.target, sealed_before__isnull=False
    )
    for row in rows.exclude(pk=but.pk) if but else rows:
        row.sealed_before = None
        row.save(update_fields=["sealed_before"])
