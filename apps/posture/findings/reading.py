"""Reads of findings: what needs somebody first, whose it is, and one finding."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import models
from django.db.models import Q

from apps.accounts.models import User
from apps.common import powers
from apps.common.actors import Actor
from apps.common.errors import Invalid, NotFound
from apps.posture.models import Finding
from apps.tenancy import policies as tenancy

PAGE = 50
OVER = (Finding.State.FIXED, Finding.State.VERIFIED)
SHOWN = ("", "mine", "overdue", "unowned", "accepted", "over", "all")
# Serious first, then what has waited longest; the id tells equal ones apart.
ORDER = ("rank", "first_seen_at", "id")
_RANK = models.Case(
    models.When(level=Finding.Level.ERROR, then=0),
    models.When(level=Finding.Level.WARNING, then=1),
    default=2,
    output_field=models.IntegerField(),
)


@dataclass(frozen=True, slots=True)
class Counts:
    """What needs somebody, by how much it matters."""

    serious: int
    attention: int
    notes: int
    overdue: int
    mine: int
    accepted: int

    @property
    def open(self) -> int:
        return self.serious + self.attention + self.notes


def list_findings(
    *, actor: Actor, show: str = "", level: str = "", source: str = "", org: str = "", today: date
) -> models.QuerySet[Finding]:
    """Findings that fit, most serious first. Raises `Denied` without the power to see apps.

    `show` is "" for what needs somebody, or one of `SHOWN`.
    """
    tenancy.may(actor, powers.READ_APPS).require()
    rows = _shown(show, actor=actor, today=today)
    if level in Finding.Level.values:
        rows = rows.filter(level=level)
    if source in Finding.Source.values:
        rows = rows.filter(source=source)
    if org:
        rows = _of_org(rows, org)
    return rows.select_related("connection", "owner").annotate(rank=_RANK).order_by(*ORDER)


def after(
    rows: models.QuerySet[Finding], cursor: str, *, limit: int = PAGE
) -> tuple[list[Finding], str]:
    """One page behind the cursor, and the cursor of the next page or ""."""
    if cursor:
        rank, seen_at, last = _read(cursor)
        rows = rows.filter(
            Q(rank__gt=rank)
            | Q(rank=rank, first_seen_at__gt=seen_at)
            | Q(rank=rank, first_seen_at=seen_at, id__gt=last)
        )
    found = list(rows[: limit + 1])
    page = found[:limit]
    return page, _written(page[-1]) if len(found) > limit else ""


def count_findings(*, actor: Actor, today: date) -> Counts:
    """How many need somebody, in one query."""
    open_ = Q(state__in=Finding.UNSETTLED)
    mine = Q(owner_id=actor.pk) if isinstance(actor, User) else Q(pk__isnull=True)
    wanted = {
        "serious": open_ & Q(level=Finding.Level.ERROR),
        "attention": open_ & Q(level=Finding.Level.WARNING),
        "notes": open_ & Q(level=Finding.Level.NOTE),
        "overdue": open_ & Q(due_on__lt=today),
        "mine": open_ & mine,
        "accepted": Q(state=Finding.State.ACCEPTED),
    }
    return Counts(
        **Finding.objects.aggregate(
            **{name: models.Count("pk", filter=rule) for name, rule in wanted.items()}
        )
    )


def get_finding_for(*, actor: Actor, finding_id: UUID) -> Finding:
    """One finding. Raises `Denied`, `NotFound`."""
    tenancy.may(actor, powers.READ_APPS).require()
    rows = Finding.objects.select_related("connection__zone", "owner")
    found: Finding | None = rows.filter(pk=finding_id).first()
    if found is None:
        raise NotFound("There is no such finding here.")
    return found


def lock_finding_for(*, actor: Actor, finding_id: UUID) -> Finding:
    """The same row, locked until the transaction ends."""
    get_finding_for(actor=actor, finding_id=finding_id)
    locked: Finding = (
        Finding.objects.select_for_update(of=("self",))
        .select_related("connection")
        .get(pk=finding_id)
    )
    return locked


def list_findings_about(connection_id: UUID, subject: str) -> models.QuerySet[Finding]:
    """What is open or accepted about one thing of an org."""
    rows = Finding.objects.filter(connection_id=connection_id).exclude(state__in=OVER)
    about = Q(subject=subject) | Q(subject__startswith=f"{subject}|")
    return rows.filter(about).annotate(rank=_RANK).order_by(*ORDER)


def _shown(show: str, *, actor: Actor, today: date) -> models.QuerySet[Finding]:
    rows = Finding.objects.all()
    if show == "all":
        return rows
    if show == "over":
        return rows.filter(state__in=OVER)
    if show == "accepted":
        return rows.filter(state=Finding.State.ACCEPTED)
    rows = rows.filter(state__in=Finding.UNSETTLED)
    if show == "mine" and isinstance(actor, User):
        return rows.filter(owner_id=actor.pk)
    if show == "overdue":
        return rows.filter(due_on__lt=today)
    return rows.filter(owner__isnull=True) if show == "unowned" else rows


def _of_org(rows: models.QuerySet[Finding], typed: str) -> models.QuerySet[Finding]:
    try:
        return rows.filter(connection_id=UUID(typed))
    except ValueError:
        return rows.none()


def _written(row: Finding) -> str:
    rank: int = row.rank  # type: ignore[attr-defined]  # annotated by list_findings
    return f"{rank}_{row.first_seen_at.isoformat()}_{row.pk}"


def _read(cursor: str) -> tuple[int, datetime, UUID]:
    try:
        rank, at, last = cursor.split("_")
        instant = datetime.fromisoformat(at)
        if instant.tzinfo is None:
            raise ValueError("a cursor's instant has a zone")
        return int(rank), instant, UUID(last)
    except ValueError as error:
        raise Invalid(
            "This page address is damaged. Start from the first page.", field="after"
        ) from error
