"""Every request for emergency access in the period: who asked, who signed, how it ended."""

from django.db.models import Q, QuerySet

from apps.breakglass.models import Approval, Request
from apps.breakglass.states import State
from apps.evidence.pack.content import Checked, Finding, Result, Section, Table
from apps.evidence.sections.results import worst
from apps.evidence.sections.window import Window, day_and_time
from apps.evidence.sections.words import counted
from apps.tenancy.roles import Role

MOST_ROWS = 200
USED = (State.ACTIVE, State.ENDING, State.ROTATING, State.ROTATION_FAILED, State.CLOSED)


def write(window: Window) -> Section:
    """One row a request; activation is checked again for one legal and one IT signature."""
    requests = list(_requests(window)[:MOST_ROWS])
    used = [request for request in requests if request.state in USED]
    checked = tuple(_checked(request) for request in used)
    exceptions = tuple(finding for request in requests for finding in _findings(request))
    return Section(
        heading="Emergency access",
        summary=(
            f"{counted(len(requests), 'request')} in this period; {len(used)} became active. "
            "Access needs a legal and an IT signature from two people, neither the requester, "
            "and ends by itself."
        ),
        result=worst(
            [*(c.result for c in checked), *(f.result for f in exceptions)], nothing="good"
        ),
        exceptions=exceptions,
        checked=checked,
        tables=(_table(requests),),
    )


def _requests(window: Window) -> QuerySet[Request]:
    inside = Q(submitted_at__gte=window.start, submitted_at__lt=window.end)
    rows: QuerySet[Request] = Request.objects.filter(inside)
    rows = rows.select_related("requester", "connection", "policy")
    return rows.prefetch_related("approvals__by").order_by("submitted_at", "id")


def _checked(request: Request) -> Checked:
    signed = [approval for approval in request.approvals.all() if approval.stands]
    return Checked(
        what=f"Signatures under {request.case_reference}: distinct people, legal and IT",
        by="breakglass service",
        result="good" if _is_dual_control(request, signed) else "danger",
        note="; ".join(f"{a.get_role_display()}: {a.by.name}" for a in signed)[:400],
    )


def _is_dual_control(request: Request, signed: list[Approval]) -> bool:
    people = {approval.person_id for approval in signed}
    roles = {approval.role for approval in signed}
    return (
        len(people) == len(signed) >= 2
        and {Role.LEGAL_APPROVER.value, Role.IT_APPROVER.value} <= roles
        and request.requester_person not in people
        and all(approval.content_hash == request.content_hash for approval in signed)
    )


def _findings(request: Request) -> tuple[Finding, ...]:
    if request.state == State.ROTATION_FAILED:
        return (_finding(request, "danger", "The end of this access could not be proven."),)
    if request.state in {State.ENDING, State.ROTATING}:
        return (_finding(request, "unknown", "Ended; the proof that it is dead is still missing."),)
    if request.state == State.ACTIVE:
        until = day_and_time(request.deadline_at)
        return (_finding(request, "attention", f"Still open, until {until}."),)
    return ()


def _finding(request: Request, result: Result, detail: str) -> Finding:
    what = f"{request.case_reference}, {request.connection.name}"
    return Finding(what=what, result=result, detail=detail)


def _table(requests: list[Request]) -> Table:
    return Table(
        caption="Requests for emergency access",
        columns=("Case", "Org", "Asked by", "Asked", "Active from", "Ended", "State"),
        rows=tuple(
            (
                request.case_reference,
                request.connection.name,
                request.requester.name,
                day_and_time(request.submitted_at),
                day_and_time(request.activated_at) if request.activated_at else "-",
                day_and_time(request.ended_at) if request.ended_at else "-",
                request.get_state_display(),
            )
            for request in requests
        ),
    )
