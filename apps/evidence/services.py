"""Asking for a pack, making it step by step, and handing it over."""

import hashlib
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from apps.accounts.models import User
from apps.common.actors import Actor, ServiceActor
from apps.common.errors import Conflict, Invalid, NotFound
from apps.common.jobs import enqueue
from apps.common.text import require_text
from apps.evidence import files, policies
from apps.evidence.models import Pack
from apps.ledger import services as ledger

BUILDER = ServiceActor("evidence")
LONGEST_DAYS = 400
TITLE_LENGTH = 120


@transaction.atomic
def request_pack(*, actor: User, title: str, first: date, last: date, now: datetime) -> Pack:
    """Ask for a pack over whole days in UTC, both included. Raises `Denied`, `Invalid`."""
    policies.may_export(actor=actor).require()
    title = require_text(title, field="title", label="The title", at_most=TITLE_LENGTH)
    if last < first:
        raise Invalid("The last day is before the first day.", field="last")
    if first > now.date():
        raise Invalid("The period lies in the future; nothing has happened yet.", field="first")
    if (last - first).days > LONGEST_DAYS:
        raise Invalid(f"A pack covers at most {LONGEST_DAYS} days.", field="last")
    pack = Pack.objects.create(
        title=title, first_date=first, last_date=last, requested_by=actor, requested_at=now
    )
    ledger.record(
        actor=actor,
        action="evidence.pack.requested",
        target=pack,
        at=now,
        data={"first": first.isoformat(), "last": last.isoformat()},
    )
    enqueue("evidence.build_pack", pack_id=pack.pk)
    return pack


@transaction.atomic
def begin_building(*, pack_id: UUID, steps: int) -> Pack:
    """Take the pack for building; building again after a killed worker starts over."""
    pack = _locked(pack_id)
    _move(pack, Pack.State.BUILDING)
    pack.steps_done, pack.steps_total, pack.trouble = 0, steps, ""
    pack.save()
    return pack


def note_step(*, pack_id: UUID, step: str, done: int) -> None:
    """Say which step is under way, for the page that waits."""
    Pack.objects.filter(pk=pack_id).update(step=step, steps_done=done)


@transaction.atomic
def finish(*, pack_id: UUID, pdf: bytes, events: int, now: datetime) -> Pack:
    """Keep the sealed PDF and say so in the ledger."""
    pack = _locked(pack_id)
    _move(pack, Pack.State.READY)
    pack.sha256 = hashlib.sha256(pdf).hexdigest()
    pack.size_bytes, pack.event_count, pack.finished_at = len(pdf), events, now
    pack.step, pack.steps_done = "", pack.steps_total
    pack.save()
    files.keep(pack.pk, pdf)
    ledger.record(
        actor=BUILDER,
        action="evidence.pack.sealed",
        target=pack,
        at=now,
        data={"sha256": pack.sha256, "events": events},
    )
    return pack


@transaction.atomic
def fail(*, pack_id: UUID, trouble: str, code: str, now: datetime) -> Pack:
    """Remember why a pack could not be made; it can be asked for again."""
    pack = _locked(pack_id)
    _move(pack, Pack.State.FAILED)
    pack.trouble, pack.finished_at, pack.step = trouble[:300], now, ""
    pack.save()
    ledger.record(
        actor=BUILDER, action="evidence.pack.failed", target=pack, at=now, data={"code": code}
    )
    return pack


@transaction.atomic
def retry_pack(*, actor: Actor, pack_id: UUID, now: datetime) -> Pack:
    """Try a failed pack again. Raises `Denied`, `Conflict`."""
    policies.may_export(actor=actor).require()
    pack = _locked(pack_id)
    _move(pack, Pack.State.QUEUED)
    pack.save()
    ledger.record(actor=actor, action="evidence.pack.requested", target=pack, at=now)
    enqueue("evidence.build_pack", pack_id=pack.pk)
    return pack


def _locked(pack_id: UUID) -> Pack:
    pack = Pack.objects.select_for_update().filter(pk=pack_id).first()
    if pack is None:
        raise NotFound("There is no such pack here.")
    return pack


def _move(pack: Pack, state: str) -> None:
    if state not in Pack.TRANSITIONS[Pack.State(pack.state)]:
        raise Conflict(f"This pack is {pack.get_state_display().lower()}; that cannot be done now.")
    pack.state = state
