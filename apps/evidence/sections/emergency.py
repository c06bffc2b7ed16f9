"""Every request for emergency access in the period: who asked, who signed, how it ended."""

from django.db.models import Q, QuerySet

from apps.breakglass.models import Approval, Request
from apps.breakglass.selectors import standing_approvals
from apps.breakglass.states import State
from apps.evidence.pack.content import Checked, Finding, Section, Table
from apps.evidence.sections.brief import Brief
from apps.evidence.sections.results import worst
from apps.evidence.sections.spooled import spool_findings
from apps.tenancy.roles import Role

MOST_ROWS = 200
USED = (State.ACTIVE, State.ENDING, State.ROTATING, State.ROTATION_FAILED, State.CLOSED)


def write(brief: Brief) -> Section:
    """One row a request; activation is checked again for one legal and one IT signature."""
    say = brief.say
    requests = list(_requests(brief)[:MOST_ROWS])
    used = [request for request in requests if request.state in USED]
    checked = tuple(_checked(brief, request) for request in used)
    exceptions = tuple(found for request in requests for found in findings(brief, request))
    return Section(
        heading=say("emergency.heading"),
        summary=say(
            "emergency.summary", requests=say.counted(len(requests), "request"), used=len(used)
        ),
        result=worst(
            [*(c.result for c in checked), *(f.result for f in exceptions)], nothing="good"
        ),
        exceptions=exceptions,
        checked=checked,
        tables=(_table(brief, requests),),
    )


def _requests(brief: Brief) -> QuerySet[Request]:
    inside = Q(submitted_at__gte=brief.window.start, submitted_at__lt=brief.window.end)
    rows: QuerySet[Request] = Request.objects.filter(inside)
    rows = rows.select_related("requester", "connection", "policy")
    return rows.prefetch_related("approvals__by").order_by("submitted_at", "id")


def _checked(brief: Brief, request: Request) -> Checked:
    signed = standing_approvals(request)
    roles = (f"{role_words(brief, a)}: {a.by.name}" for a in signed)
    return Checked(
        what=brief.say("emergency.check", case=request.case_reference),
        by=brief.say("by.breakglass"),
        result="good" if is_dual_control(request, signed) else "danger",
        note="; ".join(roles)[:400],
    )


def role_words(brief: Brief, approval: Approval) -> str:
    """The role somebody signed in, in the pack's language."""
    return brief.say.choice("role", approval.role, approval.get_role_display())


def is_dual_control(request: Request, signed: list[Approval]) -> bool:
    """Whether these signatures are by distinct people, legal and IT, neither the requester."""
    people = {approval.person_id for approval in signed}
    roles = {approval.role for approval in signed}
    return (
        len(people) == len(signed) >= 2
        and {Role.LEGAL_APPROVER.value, Role.IT_APPROVER.value} <= roles
        and request.requester_person not in people
        and all(approval.content_hash == request.content_hash for approval in signed)
    )


def findings(brief: Brief, request: Request) -> tuple[Finding, ...]:
    """What is open or wrong about one request; first what its spooled entries leave to trust."""
    spooled = spool_findings(brief, request) if request.state in USED else ()
    return (*spooled, *_unfinished(brief, request))


def _unfinished(brief: Brief, request: Request) -> tuple[Finding, ...]:
    say = brief.say
    what = say("emergency.finding", case=request.case_reference, org=request.connection.name)
    if request.state == State.ROTATION_FAILED:
        return (Finding(what=what, result="danger", detail=say("emergency.unproven")),)
    if request.state in {State.ENDING, State.ROTATING}:
        return (Finding(what=what, result="unknown", detail=say("emergency.ending")),)
    if request.state == State.ACTIVE:
        detail = say("emergency.open", until=brief.moment(request.deadline_at))
        return (Finding(what=what, result="attention", detail=detail),)
    return ()


def _table(brief: Brief, requests: list[Request]) -> Table:
    return Table(
        caption=brief.say("emergency.caption"),
        columns=brief.columns("emergency.columns"),
        rows=tuple(
            (
                request.case_reference,
                request.connection.name,
                request.requester.name,
                brief.moment(request.submitted_at),
                brief.moment_or_dash(request.activated_at),
                brief.moment_or_dash(request.ended_at),
                brief.say.choice("request", request.state, request.get_state_display()),
            )
            for request in requests
        ),
    )
