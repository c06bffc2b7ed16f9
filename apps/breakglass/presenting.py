"""A request in the words that its pages and its API use."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from apps.accounts.models import User
from apps.breakglass import policies, selectors
from apps.breakglass.models import Approval, Request
from apps.breakglass.states import State
from apps.ledger.spool.marks import mark_of, spooled_of
from apps.ledger.spool.waiting import waiting_bodies
from apps.tenancy.roles import Role
from apps.tenancy.selectors import list_members, roles_of

TONES: dict[str, str] = {
    State.DRAFT: "neutral",
    State.PENDING: "attention",
    State.ACTIVE: "danger",
    State.ENDING: "attention",
    State.ROTATING: "attention",
    State.ROTATION_FAILED: "danger",
    State.CLOSED: "good",
    State.DENIED: "neutral",
    State.WITHDRAWN: "neutral",
    State.EXPIRED: "neutral",
}
SHORT_ROLES: dict[str, str] = {Role.LEGAL_APPROVER: "Legal", Role.IT_APPROVER: "IT"}
GONE = "someone who is not a member any more"
MANY_ADDRESSES = 65_536


@dataclass(frozen=True, slots=True)
class RoleLine:
    """One role of the quorum: who signed in it and how many are still needed."""

    words: str
    signed: list[tuple[str, Approval]]
    needed: int


def duration_in_words(span: timedelta) -> str:
    """`2 hours`, `90 minutes`, `1 hour`."""
    minutes = int(span.total_seconds()) // 60
    whole_hours = minutes % 60 == 0
    return _counted(minutes // 60, "hour") if whole_hours else _counted(minutes, "minute")


def names_by_id() -> dict[UUID, str]:
    """Names of the tenant's people."""
    return {member.user.pk: member.user.name for member in list_members()}


def signatures(request: Request, names: dict[UUID, str]) -> list[RoleLine]:
    """Role by role: signatures that stand, and what is missing."""
    standing = selectors.standing_approvals(request)
    missing = selectors.missing_signatures(request)
    return [
        RoleLine(
            words=SHORT_ROLES[role],
            signed=[(names.get(a.by_id, GONE), a) for a in standing if a.role == role],
            needed=missing.get(role, 0),
        )
        for role in request.policy.quorum
    ]


def needs_in_words(request: Request) -> str:
    """`Needs legal and IT approval`, or nothing once every role has signed."""
    missing = selectors.missing_signatures(request)
    words = [
        SHORT_ROLES[role] if count == 1 else f"{count} more {SHORT_ROLES[role]}"
        for role, count in missing.items()
    ]
    return f"Needs {' and '.join(words)} approval" if words else ""


def shown_state(request: Request, *, now: datetime) -> tuple[str, str]:
    """Tone and words; what the clock has ended is not shown as if it went on."""
    if request.state == State.PENDING and request.expires_at and now >= request.expires_at:
        return TONES[State.EXPIRED], State.EXPIRED.label
    if request.state == State.ACTIVE and request.deadline_at and now >= request.deadline_at:
        return TONES[State.ENDING], State.ENDING.label
    return TONES[request.state], State(request.state).label


def roles_to_sign(actor: User, request: Request) -> list[str]:
    """Roles in which the actor may sign now, those still missing first."""
    missing = selectors.missing_signatures(request)
    held = roles_of(actor)
    able = [
        role
        for role in request.policy.quorum
        if role in held and policies.may_approve(actor=actor, request=request, role=role).allowed
    ]
    return sorted(able, key=lambda role: role not in missing)


def has_signed(actor: User, request: Request) -> bool:
    """Whether this person's signature stands, from whichever account."""
    approvals = selectors.standing_approvals(request)
    return any(approval.person_id == actor.person_id for approval in approvals)


def risks(request: Request) -> list[str]:
    """What an approver should notice, in sentences."""
    fields = sum(len(part["fields"]) * len(part["records"]) for part in request.scope.values())
    objects = ", ".join(request.scope)
    records = _counted(request.record_count, "record")
    found = [f"Reads {_counted(fields, 'value')} in {records} of {objects}; no writing."]
    wide = [each for each in request.networks if _size(each) > MANY_ADDRESSES]
    if wide:
        found.append(f"Works from a wide network: {', '.join(wide)}.")
    if request.duration >= request.policy.max_duration:
        found.append("Asks for the longest time the policy allows.")
    if request.policy.spooling:
        found.append("Goes on if the ledger cannot be written; reads are then signed on disk.")
    return found


def spooled_in_words(request: Request) -> list[str]:
    """What went on under this access while the ledger could not be written; exceptions, first."""
    id_, found = str(request.pk), []
    events = spooled_of(request)
    if events:
        mark = mark_of(events[0])
        words = f", because {mark.words}" if mark else ""
        found.append(
            f"{_counted(len(events), 'entry')} of this access came into the ledger by a spool,"
            f" signed on {mark.host if mark else 'a host'}{words}."
        )
    waiting = [body for body in waiting_bodies() if body["target"]["id"] == id_]
    if waiting:
        count = _counted(len(waiting), "entry")
        found.append(f"{count} of this access wait in this host's spool, not in the ledger yet.")
    return found


def _size(network: str) -> int:
    return ipaddress.ip_network(network).num_addresses


def _counted(number: int, noun: str) -> str:
    several = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun}" if number == 1 else f"{number} {several}"
