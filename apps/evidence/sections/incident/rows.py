"""What touched one org in a stretch of time: begun before its end, and not over before its start.

Rows stand as they were when the pack was made; what is still open counts however old it is.
"""

from uuid import UUID

from django.db.models import Case, IntegerField, Q, QuerySet, When

from apps.breakglass.models import Request
from apps.breakglass.states import TERMINAL
from apps.breakglass.states import State as Access
from apps.changes.models import Proposal
from apps.changes.states import OPEN as OPEN_CHANGES
from apps.crm.anomalies.noticing import NOTICED
from apps.crm.models import Connection, Trouble
from apps.evidence.sections.brief import Brief
from apps.ledger.models import Event
from apps.posture.models import Finding, Revocation

# What the ledger found out about itself bears on what can be said of every org.
GRAVE_ALARMS = ("ledger.source.gap", "ledger.log.failed_verification", "ledger.log.set_aside")
ALARMS = (*GRAVE_ALARMS, "ledger.guard.used", "ledger.spool.drained")
_RANK = Case(
    When(level=Finding.Level.ERROR, then=0),
    When(level=Finding.Level.WARNING, then=1),
    default=2,
    output_field=IntegerField(),
)


def org_of(brief: Brief) -> Connection:
    """The org that the pack tells of."""
    org: Connection = Connection.objects.select_related("zone").get(pk=brief.subject)
    return org


def troubles_of(brief: Brief) -> list[Trouble]:
    """What kept the console out, oldest first."""
    rows = Trouble.objects.filter(connection=brief.subject, first_at__lt=brief.window.end)
    not_over = Q(ended_at__isnull=True) | Q(ended_at__gte=brief.window.start)
    return list(rows.filter(not_over).order_by("first_at", "id"))


def findings_of(brief: Brief) -> list[Finding]:
    """Deviations seen or handled in the window, or unsettled since before; most serious first."""
    rows = Finding.objects.filter(connection=brief.subject, first_seen_at__lt=brief.window.end)
    start = brief.window.start
    not_over = Q(last_seen_at__gte=start) | Q(fixed_at__gte=start) | Q(state__in=Finding.UNSETTLED)
    ranked = rows.filter(not_over).select_related("owner").annotate(rank=_RANK)
    return list(ranked.order_by("rank", "first_seen_at", "id"))


def emergencies_of(brief: Brief) -> list[Request]:
    """Requests for emergency access, oldest first. Drafts are their writer's own affair."""
    rows = Request.objects.filter(connection=brief.subject, submitted_at__lt=brief.window.end)
    start = brief.window.start
    not_over = (
        Q(submitted_at__gte=start)
        | Q(ended_at__gte=start)
        | Q(closed_at__gte=start)
        | ~Q(state__in=TERMINAL)
    )
    wanted = rows.filter(not_over).exclude(state=Access.DRAFT)
    return list(wanted.select_related("requester", "connection").order_by("submitted_at", "id"))


def changes_of(org_id: UUID, rows: QuerySet[Proposal]) -> QuerySet[Proposal]:
    """Those that change the org's connection, its callers, an app's scopes or the paths to its
    zone: the names of all but the last begin with the org's id."""
    zone = Connection.objects.filter(pk=org_id).values_list("zone_id", flat=True).first()
    paths = Q(kind=Proposal.Kind.ZONE_PATH, target=str(zone))
    return rows.filter(Q(target__startswith=str(org_id)) | paths)


def changes_in(brief: Brief) -> list[Proposal]:
    """Changes that concern the org, oldest first."""
    rows = changes_of(brief.subject, Proposal.objects.filter(proposed_at__lt=brief.window.end))
    start = brief.window.start
    not_over = Q(proposed_at__gte=start) | Q(touched_at__gte=start) | Q(state__in=OPEN_CHANGES)
    return list(rows.filter(not_over).order_by("proposed_at", "id"))


def revocations_of(brief: Brief) -> list[Revocation]:
    """Acts that took access away in the org, oldest first."""
    rows = Revocation.objects.filter(connection=brief.subject, asked_at__lt=brief.window.end)
    not_over = Q(ended_at__isnull=True) | Q(ended_at__gte=brief.window.start)
    wanted = rows.filter(not_over).prefetch_related("grants")
    return list(wanted.order_by("asked_at", "id"))


def noticed_in(brief: Brief) -> list[Event]:
    """Anomalies of the org's sign-ins as the ledger has them, oldest first."""
    rows = brief.events.filter(action=NOTICED, target_id=str(brief.subject))
    return list(rows.order_by("at", "id"))


def alarms_in(brief: Brief) -> list[Event]:
    """What the ledger found out about itself in the window, oldest first."""
    return list(brief.events.filter(action__in=ALARMS).order_by("at", "id"))
