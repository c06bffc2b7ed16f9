"""What goes into a pack: the parts of its purpose, and the ledger events it speaks of."""

from datetime import UTC, datetime, time, timedelta

from django.db import DatabaseError, transaction

from apps.common.errors import DomainError
from apps.evidence.models import Branding, Pack
from apps.evidence.pack.content import Finding, NotIncluded, PackContent, Period, Section
from apps.evidence.pack.language import language
from apps.evidence.purposes import Purpose, purpose_of
from apps.evidence.purposes.purpose import Part
from apps.evidence.sections.brief import Brief
from apps.evidence.sections.window import Window
from apps.evidence.speaking_for import controls_for
from apps.tenancy.selectors import current_tenant


def purpose_for(pack: Pack) -> Purpose:
    """The purpose the pack was asked for. Raises `LookupError` for one that is no more."""
    purpose = purpose_of(pack.purpose)
    if purpose is None:
        raise LookupError(f"no purpose is called {pack.purpose!r}")
    return purpose


def brief_for(pack: Pack, at: datetime) -> Brief:
    """What the parts are written from; nothing after `at` belongs to the pack."""
    window = _window(pack, at)
    events = purpose_for(pack).events(window, pack.subject_id).filter(recorded_at__lte=at)
    return Brief(
        window=window,
        say=language(pack.language),
        at=at,
        events=events,
        subject_id=pack.subject_id,
        controls=controls_for(pack.purpose, at),
    )


def write_part(part: Part, brief: Brief) -> Section:
    """One section. A part that cannot be read is said to be so; the pack goes on without it.

    Its own savepoint keeps a failed query from taking the rest of the transaction with it.
    """
    try:
        with transaction.atomic():
            return part.write(brief)
    except DatabaseError as error:
        return unread(part, brief, _why(error))
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one part, the others stand
        return unread(part, brief, _why(error))


def unread(part: Part, brief: Brief, why: str) -> Section:
    """The section that says that its subject could not be read."""
    say = brief.say
    heading = say(part.heading)
    return Section(
        heading=heading,
        summary=say("section.unread", why=why),
        result="unknown",
        exceptions=(
            Finding(
                what=say("section.unread_what", heading=heading),
                result="unknown",
                detail=say("section.unread_detail", why=why),
            ),
        ),
    )


def _why(error: Exception) -> str:
    """Words of our own errors; of others the kind alone, for they may quote what was read."""
    return error.message if isinstance(error, DomainError) else error.__class__.__name__


def content_of(
    pack: Pack,
    sections: tuple[Section, ...],
    not_included: tuple[NotIncluded, ...],
    *,
    at: datetime,
) -> PackContent:
    """The whole statement, in the pack's language and the tenant's look."""
    say, purpose = language(pack.language), purpose_for(pack)
    controls = controls_for(purpose.code, at)
    branding = Branding.objects.first()
    return PackContent(
        title=pack.title,
        purpose=say(f"purpose.{purpose.code}"),
        subject=pack.subject_name,
        tenant_name=current_tenant().name,
        period=Period(first=pack.first_date, last=pack.last_date),
        generated_at=at,
        sections=sections,
        controls=tuple(control.id for control in controls),
        control_results=controls,
        not_included=not_included,
        language="de" if pack.language == "de" else "en",
        logo=bytes(branding.logo) if branding else b"",
    )


def always_missing(pack: Pack) -> tuple[NotIncluded, ...]:
    """What a pack of this purpose never holds, and why."""
    say = language(pack.language)
    return tuple(
        NotIncluded(what=say(f"missing.{key}.what"), why=say(f"missing.{key}.why"))
        for key in purpose_for(pack).never_holds
    )


def _window(pack: Pack, at: datetime) -> Window:
    start = datetime.combine(pack.first_date, time.min, tzinfo=UTC)
    end = datetime.combine(pack.last_date + timedelta(days=1), time.min, tzinfo=UTC)
    return Window(start=start, end=min(end, at + timedelta(seconds=1)))
