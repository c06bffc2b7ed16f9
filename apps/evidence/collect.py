"""What goes into a pack: the sections in reading order, and every ledger event of the period."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from apps.evidence.models import Pack
from apps.evidence.pack.content import Annex, NotIncluded, PackContent, Period, Section
from apps.evidence.sections import emergency, ledger, orgs, reviews, scopes, sync
from apps.evidence.sections.window import Window
from apps.ledger.models import Event
from apps.tenancy.selectors import current_tenant

Writer = Callable[[Window], Section]
SECTIONS: tuple[tuple[str, Writer], ...] = (
    ("orgs and their inventory", orgs.write),
    ("scopes of connected apps", scopes.write),
    ("data sent to models", sync.write),
    ("emergency access", emergency.write),
    ("access reviews", reviews.write),
    ("the ledger", ledger.write),
)
STEPS = 3
CONTROLS = (
    "IDN-1",
    "CRM-1",
    "SCP-1",
    "RES-3",
    "SYN-1",
    "BRK-2",
    "BRK-5",
    "REV-2",
    "LED-1",
    "EVD-1",
)


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything a pack is made from. `events` are canonical bodies in the order of recording."""

    content: PackContent
    annexes: tuple[Annex, ...]
    events: tuple[bytes, ...]


def gather(*, pack_id: UUID, now: datetime) -> Gathered:
    """Read it all in one transaction, so that sections and events agree."""
    pack = Pack.objects.get(pk=pack_id)
    window = _window(pack, now)
    content = PackContent(
        title=pack.title,
        purpose="Audit of CRM access, data flows, emergency access and reviews",
        tenant_name=current_tenant().name,
        period=Period(first=pack.first_date, last=pack.last_date),
        generated_at=now,
        sections=tuple(writer(window) for _, writer in SECTIONS),
        controls=CONTROLS,
        not_included=_not_included(),
    )
    bodies = Event.objects.filter(at__gte=window.start, at__lt=window.end)
    rows = bodies.order_by("recorded_at", "id").values_list("body", flat=True)
    return Gathered(content, (), tuple(bytes(body) for body in rows))


def _window(pack: Pack, now: datetime) -> Window:
    start = datetime.combine(pack.first_date, time.min, tzinfo=UTC)
    end = datetime.combine(pack.last_date + timedelta(days=1), time.min, tzinfo=UTC)
    return Window(start=start, end=min(end, now + timedelta(seconds=1)))


def _not_included() -> tuple[NotIncluded, ...]:
    return (
        NotIncluded(
            what="Scopes actually used by connected apps",
            why="The orgs' event logs are not read yet; use is unknown, not absent.",
        ),
        NotIncluded(
            what="Proof that no ledger event is missing from the list",
            why="The ledger publishes no signed checkpoints yet; the events here prove themselves.",
        ),
    )
