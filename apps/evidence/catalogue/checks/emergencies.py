"""Emergency access: signatures, bounds, ends."""

from datetime import datetime, timedelta

from apps.breakglass.models import CaseNote, EmergencyPolicy, Request
from apps.breakglass.models.policy import LONGEST
from apps.breakglass.selectors import standing_approvals
from apps.breakglass.states import ENDED_BUT_OPEN, State
from apps.custody.models import IssuedToken
from apps.evidence.catalogue.checks.words import counted, named
from apps.evidence.catalogue.registry import Outcome, attention, check, danger, good, unknown
from apps.tenancy.roles import Role

WINDOW = timedelta(days=400)
PATIENCE = timedelta(minutes=15)
USED = (State.ACTIVE, *ENDED_BUT_OPEN, State.CLOSED)
NEVER = "No emergency access became active, so there is nothing to judge."


def _used(now: datetime) -> list[Request]:
    rows = Request.objects.filter(state__in=USED, activated_at__gte=now - WINDOW)
    return list(rows.prefetch_related("approvals"))


@check(
    "BRK-1",
    "cases-are-told",
    "Was every step noted on the org's case?",
    proof="breakglass:requests",
)
def cases_told(now: datetime) -> Outcome:
    """Notes that have waited for the org for more than an hour, and cases it does not know."""
    notes = CaseNote.objects.select_related("request")
    if not notes.exists():
        return unknown("No emergency has been asked for, so there is nothing to judge.")
    late = notes.filter(written_at__isnull=True, queued_at__lt=now - timedelta(hours=1)).count()
    if late:
        return attention(f"Waiting for the org for more than an hour: {counted(late, 'note')}.")
    missing = sorted({note.request.case_reference for note in notes.filter(case_found=False)})
    if missing:
        return attention(f"The org has no case {named(missing)}.")
    return good(f"{counted(notes.count(), 'note')}: none waits, and no case is missing.")


@check(
    "BRK-2",
    "two-people-signed",
    "Did two other people sign each active access?",
    proof="breakglass:requests",
)
def two_signed(now: datetime) -> Outcome:
    """Every access that became active: distinct people, legal and IT, none of them the asker."""
    used = _used(now)
    if not used:
        return unknown(NEVER)
    wrong = [request.case_reference for request in used if not _is_dual(request)]
    if wrong:
        return danger(f"Active without two fitting signatures: {named(wrong)}.")
    return good(f"All {len(used)} were signed by legal and IT: two people, neither the asker.")


@check(
    "BRK-3", "quorum-is-real", "Does the policy ask for both roles?", proof="breakglass:requests"
)
def quorum_real(now: datetime) -> Outcome:
    """The newest emergency policy of this tenant."""
    policy = EmergencyPolicy.objects.order_by("-version").first()
    if policy is None:
        return unknown("No emergency policy exists before the first request.")
    if min(policy.quorum.values()) < 1:
        return danger("The policy lets an emergency begin without one of the two roles.")
    return good(
        f"Version {policy.version}: {policy.legal_quorum} legal and {policy.it_quorum} IT "
        "signatures, from different people."
    )


@check(
    "BRK-4",
    "tokens-are-bound",
    "Is every live emergency token fenced and timed?",
    proof="breakglass:requests",
)
def tokens_bound(now: datetime) -> Outcome:
    """Emergency tokens that have not ended: networks, scope, and an end within a day."""
    rows = IssuedToken.objects.filter(kind=IssuedToken.Kind.EMERGENCY)
    live = list(rows.filter(ended_at__isnull=True, expires_at__gt=now).defer("secret"))
    loose = [row for row in live if not row.networks or not row.scope or _is_long(row)]
    if loose:
        return danger(f"{counted(len(loose), 'emergency token')} without fence, scope or near end.")
    if not rows.exists():
        return unknown("No emergency token was ever issued, so there is nothing to judge.")
    return good(f"{counted(len(live), 'emergency token')} alive, each fenced, scoped and timed.")


@check(
    "BRK-5",
    "nothing-overdue",
    "Did every access end on time and is it dead?",
    proof="breakglass:requests",
)
def nothing_overdue(now: datetime) -> Outcome:
    """Active past the deadline, or ended and not yet proven dead."""
    rows = Request.objects.all()
    overdue = rows.filter(state=State.ACTIVE, deadline_at__lt=now).count()
    failed = rows.filter(state=State.ROTATION_FAILED).count()
    slow = rows.filter(state__in=ENDED_BUT_OPEN, ended_at__lt=now - PATIENCE).count()
    if overdue:
        return danger(f"{counted(overdue, 'request')} still active after its deadline.")
    if failed:
        return danger(f"{counted(failed, 'request')} ended, and not proven dead.")
    if slow:
        return attention(f"{counted(slow, 'request')} ended a while ago; the proof is still open.")
    if not _used(now):
        return unknown(NEVER)
    return good("Every access ended on time, and each ended one was proven dead.")


@check(
    "BRK-6",
    "scopes-name-records",
    "Does each request name its records?",
    proof="breakglass:requests",
)
def scopes_name_records(now: datetime) -> Outcome:
    """Requests that wait or are active: each object with records, within the policy's number."""
    rows = Request.objects.filter(state__in=(State.PENDING, *USED)).select_related("policy")
    found = list(rows)
    if not found:
        return unknown("No emergency has been asked for, so there is nothing to judge.")
    wide = [row.case_reference for row in found if not _is_narrow(row)]
    if wide:
        return danger(f"Names no records, or too many: {named(wide)}.")
    return good(f"{counted(len(found), 'request')}, each naming the records it may read.")


def _is_dual(request: Request) -> bool:
    signed = standing_approvals(request)
    people = {approval.person_id for approval in signed}
    roles = {approval.role for approval in signed}
    return (
        len(people) == len(signed) >= 2
        and {Role.LEGAL_APPROVER.value, Role.IT_APPROVER.value} <= roles
        and request.requester_person not in people
        and all(approval.content_hash == request.content_hash for approval in signed)
    )


def _is_long(token: IssuedToken) -> bool:
    return token.expires_at - token.issued_at > LONGEST


def _is_narrow(request: Request) -> bool:
    named_all = all(part.get("records") for part in request.scope.values())
    return bool(request.scope) and named_all and request.record_count <= request.policy.max_records
