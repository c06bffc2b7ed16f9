"""Emergency access: what waits for a signature, what is open, what the last month saw."""

from collections import Counter
from datetime import timedelta

from apps.breakglass import selectors as breakglass
from apps.breakglass.models import Request
from apps.breakglass.states import State
from apps.common import powers
from apps.dashboard import cards
from apps.dashboard.cards import Card, Empty, Line, Need, Reader
from apps.tenancy import selectors as tenancy
from apps.tenancy.roles import Role

MONTH = timedelta(days=30)


@cards.needs
def waiting_for_signature(reader: Reader) -> list[Need]:
    """Requests that still lack a signature which this person could give."""
    if powers.APPROVE_EMERGENCY not in reader.powers:
        return []
    rows = breakglass.list_requests(actor=reader.user).select_related("connection", "policy")
    pending = rows.filter(state=State.PENDING, expires_at__gt=reader.now)
    pending = pending.prefetch_related("approvals")
    roles = tenancy.roles_of(reader.user)
    found = ((request, _role_to_sign(reader, request, roles)) for request in pending)
    return [
        Need(
            tone="attention",
            kind="Emergency",
            words=f"{request.case_reference} on {request.connection.name} needs {role} approval",
            url=_address(reader, request),
            until=request.expires_at,
        )
        for request, role in found
        if role
    ]


@cards.needs
def open_access(reader: Reader) -> list[Need]:
    """Access that is in use, or over and not yet proven dead, for those who can end it."""
    if powers.END_EMERGENCY not in reader.powers:
        return []
    rows = breakglass.list_requests(actor=reader.user).select_related("connection")
    active = [
        Need(
            tone="neutral",
            kind="Emergency",
            words=f"Access to {request.connection.name} is open ({request.case_reference})",
            url=_address(reader, request),
            until=request.deadline_at,
        )
        for request in rows.filter(state=State.ACTIVE)
    ]
    unproven = [
        Need(
            tone="danger",
            kind="Emergency",
            words=f"Ended access to {request.connection.name} is not yet proven dead",
            url=_address(reader, request),
            since=request.ended_at,
        )
        for request in rows.filter(state=State.ROTATION_FAILED)
    ]
    return unproven + active


@cards.card
def emergency(reader: Reader) -> Card | None:
    """Accesses of the last 30 days by the zone of the org, and how many are open now."""
    if powers.READ_EMERGENCY not in reader.powers:
        return None
    rows = breakglass.list_requests(actor=reader.user).filter(activated_at__gte=reader.now - MONTH)
    seen = list(rows.order_by().values_list("connection__zone__name", "state"))
    totals = Counter(zone for zone, _ in seen)
    still_open = Counter(zone for zone, state in seen if state == State.ACTIVE)
    lines = tuple(_line(zone, totals[zone], still_open[zone]) for zone in sorted(totals))
    may_ask = powers.REQUEST_EMERGENCY in reader.powers
    url = reader.address("breakglass:requests")
    words = "None was opened in 30 days. It takes two people's signatures and ends by itself."
    empty = Empty(words, url if may_ask else "", "Ask for emergency access")
    return Card("Emergency access, 30 days", lines, empty, url=url, more="All requests")


def _line(zone: str, total: int, still_open: int) -> Line:
    if still_open:
        return Line(zone, "neutral", f"{still_open} open now", detail=f"{total} in all")
    return Line(zone, "neutral", str(total))


def _role_to_sign(reader: Reader, request: Request, roles: frozenset[str]) -> str:
    """The label of a role in which the person's signature is missing, or nothing."""
    person = reader.user.person_id
    if request.requester_person == person:
        return ""
    if any(one.person_id == person for one in breakglass.standing_approvals(request)):
        return ""
    missing = breakglass.missing_signatures(request)
    names = [role for role, count in missing.items() if count and role in roles]
    return str(Role(names[0]).label).removesuffix(" approver") if names else ""


def _address(reader: Reader, request: Request) -> str:
    return reader.address("breakglass:request", request.pk) or reader.address("breakglass:requests")
