"""Who may approve scopes and which, and who may handle findings."""

from apps.accounts.models import User
from apps.common import powers
from apps.common.actors import Actor
from apps.common.decisions import Decision, allow, deny, first_denial
from apps.crm import selectors as crm
from apps.crm.models import Connection, SnapshotApp
from apps.crm.policies import OPERATE
from apps.posture.models import AppPurpose, Finding, ScopeBaseline
from apps.tenancy import policies as tenancy


def may_approve_baseline(actor: Actor, app: SnapshotApp) -> Decision:
    """A tenant admin with rights on the org, for known scopes of the latest snapshot."""
    return first_denial(
        tenancy.may_on(
            actor, powers.APPROVE_BASELINE, target=app.snapshot.connection, grant=OPERATE
        ),
        _scopes_are_known(app),
        _is_latest(app),
    )


def may_propose_purpose(actor: Actor, connection: Connection) -> Decision:
    """Saying what an app may need: whoever operates the org."""
    return tenancy.may_on(actor, powers.READ_APPS, target=connection, grant=OPERATE)


def may_approve_purpose(actor: Actor, purpose: AppPurpose) -> Decision:
    """A tenant admin with rights on the org, who is not its author."""
    return first_denial(
        tenancy.may_on(actor, powers.APPROVE_BASELINE, target=purpose.connection, grant=OPERATE),
        _is_not_author(actor, purpose),
    )


def _is_not_author(actor: Actor, purpose: AppPurpose) -> Decision:
    if isinstance(actor, User) and actor.person_id == purpose.proposed_by.person_id:
        return deny("author-approves", "You proposed this. Another tenant admin approves it.")
    return allow("another-approves")


def may_revoke(actor: Actor, connection: Connection) -> Decision:
    """Ending access in the org: a tenant admin with rights on it."""
    return tenancy.may_on(actor, powers.MANAGE_CONNECTIONS, target=connection, grant=OPERATE)


def may_set_thresholds(actor: Actor) -> Decision:
    """From when on an app's volume is unusual: tenant admins."""
    return tenancy.may(actor, powers.MANAGE_POLICY)


def may_handle_finding(actor: Actor, found: Finding) -> Decision:
    """Owning and fixing: whoever operates the org; what belongs to no org, a tenant admin."""
    return _may_on_org(actor, found, powers.READ_APPS)


def may_accept_finding(actor: Actor, found: Finding) -> Decision:
    """Living with a deviation is a tenant admin's to decide, as approving scopes is."""
    return _may_on_org(actor, found, powers.APPROVE_BASELINE)


def _may_on_org(actor: Actor, found: Finding, power: str) -> Decision:
    if found.connection is None:
        return tenancy.may(actor, powers.MANAGE_CONNECTIONS)
    return tenancy.may_on(actor, power, target=found.connection, grant=OPERATE)


def is_first(before: ScopeBaseline | None) -> Decision:
    """One person may approve an app's first baseline; every later one takes two people."""
    if before is None:
        return allow("first-baseline")
    return deny(
        "second-person",
        "Scopes of this app are approved already. Propose the new ones; someone else approves.",
    )


def _scopes_are_known(app: SnapshotApp) -> Decision:
    if app.scopes is None:
        return deny(
            "scopes-unknown",
            "The org does not tell this app's scopes, and what is unknown cannot be approved.",
        )
    return allow("scopes-known")


def _is_latest(app: SnapshotApp) -> Decision:
    latest = crm.latest_snapshot(app.snapshot.connection)
    if latest is None or latest.pk != app.snapshot_id:
        return deny(
            "newer-snapshot",
            "A newer snapshot of this org exists. Look at the app there before approving.",
        )
    return allow("latest-snapshot")
