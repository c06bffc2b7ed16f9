"""How risky a grant is and what we would do with it, each with the reason. Pure; decides nothing.

What is unknown counts as risk, never as its absence: an app whose scopes cannot be read is at
least medium, and a grant whose use is unknown is never called unused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.reviews.models import Choice, Kind, Risk

UNUSED_AFTER = timedelta(days=90)
# Permissions that reach every record, every user or the org's own rules.
# https://help.salesforce.com/s/articleView?id=platform.admin_userperms.htm
FAR_REACHING = frozenset(
    {
        "Approve Uninstalled Connected Apps",
        "Assign Permission Sets",
        "Author Apex",
        "Bulk API Hard Delete",
        "Customize Application",
        "Manage Connected Apps",
        "Manage Users",
        "Modify All Data",
        "View All Data",
        "View All Fields (Global)",
    }
)
WIDE_SCOPES = frozenset({"full"})


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the snapshot says. `scopes` and `dangerous` are None where the org did not tell."""

    kind: str
    label: str
    account_is_active: bool | None
    dangerous: Sequence[str] | None
    scopes: Sequence[str] | None = None
    app_is_known: bool = True
    account_is_integration: bool = False
    use_count: int | None = None
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """Risk and suggestion with their reasons. `suggestion` is empty where we have none."""

    risk: str
    risk_reason: str
    suggestion: str
    suggestion_reason: str


def assess(facts: Facts, *, now: datetime) -> Assessment:
    """The assessment of one grant."""
    high, medium = _high(facts), _medium(facts)
    risk = Risk.HIGH if high else Risk.MEDIUM if medium else Risk.LOW
    reason = "; ".join(high or medium) or "No far-reaching permission or scope was found"
    suggestion, why = _suggest(facts, risk=risk, now=now)
    return Assessment(risk, reason[:500], suggestion, why)


def far_reaching(facts: Facts) -> list[str]:
    """Those of its permissions that reach every record, every user or the org's own rules."""
    return [name for name in facts.dangerous or () if name in FAR_REACHING]


def is_unused(facts: Facts, *, now: datetime) -> bool:
    """Whether the org's own counters say that a token lies idle; permissions have no counters."""
    if facts.kind != Kind.TOKEN:
        return False
    if facts.last_used_at is not None:
        return now - facts.last_used_at > UNUSED_AFTER
    return facts.use_count == 0


def _high(facts: Facts) -> list[str]:
    found = []
    far = far_reaching(facts)
    if far:
        carried = "Carries" if facts.kind == Kind.ASSIGNMENT else "Its account holds"
        found.append(f"{carried} {', '.join(far)}")
    if WIDE_SCOPES & set(facts.scopes or ()):
        found.append("The app may do everything the account can (scope full)")
    if facts.account_is_active is False:
        found.append("The account is deactivated, yet the grant lives")
    return found


def _medium(facts: Facts) -> list[str]:
    found = []
    if facts.dangerous is None:
        found.append("Its permissions could not be read")
    elif facts.dangerous:
        found.append(f"Carries {', '.join(facts.dangerous)}")
    if facts.kind == Kind.TOKEN and not facts.app_is_known:
        found.append("The app is not installed in the org")
    elif facts.kind == Kind.TOKEN and facts.scopes is None:
        found.append("The app's scopes are unknown")
    if facts.account_is_active is None:
        found.append("The account could not be read")
    return found


def _suggest(facts: Facts, *, risk: str, now: datetime) -> tuple[str, str]:
    if facts.account_is_active is False:
        return Choice.REVOKE, "The account is deactivated"
    if is_unused(facts, now=now):
        return Choice.REVOKE, "Not used for 90 days or more"
    if facts.kind == Kind.TOKEN and not facts.app_is_known:
        return Choice.REVOKE, "The app is not installed in the org"
    if facts.kind == Kind.ASSIGNMENT and facts.account_is_integration and far_reaching(facts):
        return Choice.REVOKE, f"An integration needs single objects, not {far_reaching(facts)[0]}"
    if risk == Risk.LOW and facts.kind == Kind.TOKEN and facts.last_used_at is not None:
        return Choice.KEEP, "Low risk and in use"
    return "", ""
