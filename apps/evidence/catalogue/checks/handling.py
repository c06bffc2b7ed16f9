"""What is done when something is wrong: lockouts told apart, access ended, changes taken back."""

from datetime import datetime, timedelta

from apps.changes.models import Proposal
from apps.changes.states import UNDER_WAY, State
from apps.crm.models import Trouble
from apps.evidence.catalogue.checks.orgs import NO_ORG, live_orgs
from apps.evidence.catalogue.checks.words import counted, named
from apps.evidence.catalogue.registry import Outcome, attention, check, danger, good, unknown
from apps.posture.models import Finding, Revocation
from apps.posture.scopes.kinds import REAPPEARED

LOOKED_BACK = timedelta(days=90)
LONG = timedelta(hours=1)  # nothing under way takes as long when all is well


@check("CRM-7", "lockouts-over", "Is the console kept out of any org?", proof="crm:connections")
def lockouts(now: datetime) -> Outcome:
    """Troubles that nothing has ended yet, and those of the last 90 days."""
    orgs = live_orgs()
    if not orgs:
        return unknown(NO_ORG)
    rows = Trouble.objects.filter(connection__in=orgs).select_related("connection")
    kept_out = list(dict.fromkeys(row.connection.name for row in rows.filter(ended_at=None)))
    if kept_out:
        return attention(f"Lockouts that last: {named(sorted(kept_out))}.")
    past = rows.filter(ended_at__gte=now - LOOKED_BACK).count()
    if not past:
        return good("No lockout lasts, and there was none in the last 90 days.")
    return good(f"No lockout lasts; {counted(past, 'lockout')} of the last 90 days told apart.")


@check(
    "SCP-4", "ended-access-gone", "Is ended access proven gone?", proof="posture:service-accounts"
)
def ended_access(now: datetime) -> Outcome:
    """Revocations of the last 90 days, and access that was given again."""
    again = Finding.objects.filter(kind=REAPPEARED, state__in=Finding.UNSETTLED).count()
    if again:
        return danger(f"{counted(again, 'account or app')} got ended access again.")
    rows = Revocation.objects.filter(asked_at__gte=now - LOOKED_BACK)
    left = rows.filter(state=Revocation.State.EXCEPTIONS).count()
    under_way = rows.filter(state__in=[Revocation.State.RUNNING, Revocation.State.VERIFYING])
    if left:
        return attention(f"{counted(left, 'revocation')} ended with exceptions.")
    if under_way.filter(asked_at__lt=now - LONG).exists():
        return attention("A revocation has been under way for more than an hour.")
    done = rows.filter(state=Revocation.State.VERIFIED).count()
    if not done:
        return unknown("No access was ended in the last 90 days, so there is nothing to judge.")
    return good(f"{counted(done, 'revocation')}, each proven by reading the org again.")


@check("CRM-9", "changes-settled", "Is every change kept or taken back?", proof="changes:proposals")
def changes_settled(now: datetime) -> Outcome:
    """Proposals of the last 90 days that were applied, and those that stand still."""
    still = Proposal.objects.filter(state__in=UNDER_WAY, touched_at__lt=now - LONG).count()
    if still:
        return danger(f"{counted(still, 'change')} under way for more than an hour.")
    ended = Proposal.objects.filter(finished_at__gte=now - LOOKED_BACK)
    kept = ended.filter(state=State.VERIFIED).count()
    back = ended.filter(state=State.ROLLED_BACK).count()
    if not kept + back:
        return unknown("Nothing was changed in the last 90 days, so there is nothing to judge.")
    return good(f"{counted(kept, 'change')} kept after checks, {back:,} taken back.")
