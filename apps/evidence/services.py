"""Asking for a pack, making it step by step, and handing it over."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from apps.accounts.models import User
from apps.common.actors import Actor, ServiceActor
from apps.common.errors import Conflict, Invalid, NotFound
from apps.common.jobs import enqueue
from apps.common.text import require_text
from apps.evidence import files, kept, policies, selectors
from apps.evidence.models import Branding, Language, Pack
from apps.evidence.purposes import ALL, Purpose, purpose_of
from apps.evidence.purposes.purpose import Subject
from apps.ledger import services as ledger

BUILDER = ServiceActor("evidence")
LONGEST_DAYS = 400
TITLE_LENGTH, SUBJECT_LENGTH = 120, 160
AFTER_PARTS = 4  # positions, proof, drawing, sealing


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks a pack for, before any of it is judged."""

    title: str
    purpose: str
    first: date | None
    last: date | None
    subject_id: UUID | None
    language: str


def request_pack(
    *,
    actor: User,
    title: str,
    now: datetime,
    first: date | None = None,
    last: date | None = None,
    purpose: str = "period",
    subject_id: UUID | None = None,
    language: str = "",
) -> Pack:
    """Ask for a pack over whole days in UTC, both included. Raises `Denied`, `Invalid`.

    The days are the subject's own, unless the purpose has none or lets them be chosen: then
    `first` and `last` are needed.
    An empty language means the tenant's own.
    """
    asked = Asked(title, purpose, first, last, subject_id, language)
    return _request(actor, asked, now)


@transaction.atomic
def _request(actor: User, asked: Asked, now: datetime) -> Pack:
    policies.may_make(actor=actor).require()
    title = require_text(asked.title, field="title", label="The title", at_most=TITLE_LENGTH)
    purpose = purpose_of(asked.purpose)
    if purpose is None:
        known = ", ".join(each.code for each in ALL)
        raise Invalid(f"There is no such purpose; choose one of {known}.", field="purpose")
    subject = _subject(purpose, asked.subject_id)
    first, last = _days(asked, purpose, subject, now)
    pack = Pack.objects.create(
        title=title,
        purpose=purpose.code,
        subject_id=subject.id if subject else None,
        subject_name=subject.name[:SUBJECT_LENGTH] if subject else "",
        language=_language(asked.language),
        first_date=first,
        last_date=last,
        requested_by=actor,
        requested_at=now,
    )
    data = {"purpose": purpose.code, "first": first.isoformat(), "last": last.isoformat()}
    if subject:
        data["subject"] = str(subject.id)
    ledger.record(actor=actor, action="evidence.pack.requested", target=pack, at=now, data=data)
    enqueue("evidence.build_pack", pack_id=pack.pk)
    return pack


def _subject(purpose: Purpose, subject_id: UUID | None) -> Subject | None:
    if purpose.find_subject is None:
        if subject_id is not None:
            raise Invalid("A pack of this purpose tells of no single thing.", field="subject")
        return None
    found = purpose.find_subject(subject_id) if subject_id else None
    if found is None:
        raise Invalid("Choose what the pack is about from the list.", field="subject")
    return found


def _days(
    asked: Asked, purpose: Purpose, subject: Subject | None, now: datetime
) -> tuple[date, date]:
    if subject and not purpose.takes_days:
        return subject.first, max(subject.first, subject.last or now.date())
    if asked.first is None or asked.last is None:
        missing = "first" if asked.first is None else "last"
        raise Invalid("A pack over a period needs a first and a last day.", field=missing)
    if asked.last < asked.first:
        raise Invalid("The last day is before the first day.", field="last")
    if asked.first > now.date():
        raise Invalid("The period lies in the future; nothing has happened yet.", field="first")
    if (asked.last - asked.first).days > LONGEST_DAYS:
        raise Invalid(f"A pack covers at most {LONGEST_DAYS} days.", field="last")
    if subject and asked.last < subject.first:
        began = f"{subject.name} is known here since {subject.first.isoformat()}"
        raise Invalid(f"{began}; nothing is known of days before.", field="last")
    return asked.first, asked.last


def _language(wanted: str) -> str:
    if not wanted:
        branding = Branding.objects.first()
        return branding.language if branding else Language.ENGLISH
    if wanted not in Language.values:
        raise Invalid(f"Packs are written in {' or '.join(Language.values)}.", field="language")
    return wanted


@transaction.atomic
def begin_building(*, pack_id: UUID, now: datetime) -> Pack:
    """Take the pack for building. After a killed worker it goes on from the same instant."""
    pack = _locked(pack_id)
    _move(pack, Pack.State.BUILDING)
    purpose = purpose_of(pack.purpose)
    parts = len(purpose.parts) if purpose else 0
    pack.steps_done, pack.steps_total, pack.trouble = 0, parts + AFTER_PARTS, ""
    pack.began_at = pack.began_at or now
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
    """Remember why a pack could not be made; it can be asked for again, and then starts anew."""
    pack = _locked(pack_id)
    _move(pack, Pack.State.FAILED)
    pack.began_at = None
    kept.forget(pack_id)
    pack.trouble, pack.finished_at, pack.step = trouble[:300], now, ""
    pack.save()
    ledger.record(
        actor=BUILDER, action="evidence.pack.failed", target=pack, at=now, data={"code": code}
    )
    return pack


@transaction.atomic
def retry_pack(*, actor: Actor, pack_id: UUID, now: datetime) -> Pack:
    """Try a failed pack again. Raises `Denied`, `NotFound`, `Conflict`."""
    selectors.get_pack_for(actor=actor, pack_id=pack_id)
    pack = _locked(pack_id)
    _move(pack, Pack.State.QUEUED)
    pack.save()
    ledger.record(actor=actor, action="evidence.pack.requested", target=pack, at=now)
    enqueue("evidence.build_pack", pack_id=pack.pk)
    return pack


def _locked(pack_id: UUID) -> Pack:
    pack = Pack.objects.select_for_update().filter(pk=pack_id).first()
    if pack is None:
        raise NotFound(selectors.NO_PACK)
    return pack


def _move(pack: Pack, state: str) -> None:
    if state not in Pack.TRANSITIONS[Pack.State(pack.state)]:
        raise Conflict(f"This pack is {pack.get_state_display().lower()}; that cannot be done now.")
    pack.state = state
