"""The approved scopes of an app that has a baseline already."""

from datetime import datetime
from uuid import UUID

from apps.accounts.models import User
from apps.changes import preflight as preflights
from apps.changes.kinds.base import Check, Kind, Line, Secrets, Value
from apps.common import powers
from apps.common.actors import Actor
from apps.common.decisions import Decision
from apps.common.errors import Conflict, Invalid, NotFound
from apps.crm import selectors as crm
from apps.crm.models import Connection, SnapshotApp
from apps.crm.policies import OPERATE
from apps.posture import replacing
from apps.posture import selectors as posture
from apps.posture.models import ScopeBaseline
from apps.tenancy import policies as tenancy

SEPARATOR = "/"


class ScopeBaselineKind(Kind):
    """`{"scopes": […]}`, always what the org's latest snapshot shows."""

    def one_spelling(self, target: str) -> str:
        org, separator, key = target.partition(SEPARATOR)
        return f"{super().one_spelling(org)}{separator}{key}"

    def name_of(self, target: str) -> str:
        baseline = _baseline(target)
        return f"{baseline.app_label} on {baseline.connection.name}"

    def read(self, target: str) -> Value:
        connection, _ = _parts(target)
        Connection.objects.select_for_update(of=("self",)).get(pk=connection.pk)
        baseline = _baseline(target)
        return {"scopes": baseline.scopes, "baseline": str(baseline.pk)}

    def checked(self, target: str, given: Value) -> Value:
        """Only what the org grants now can be approved; anything else deviates at once."""
        app = granted_app(target)
        scopes = sorted(app.scopes or [])
        if "scopes" in given and sorted(given["scopes"]) != scopes:
            raise Invalid(
                "These are not the scopes that the latest snapshot shows. Look at the app again.",
                field="scopes",
            )
        return {"scopes": scopes, "snapshot": str(app.snapshot_id)}

    def may_propose(self, actor: Actor, target: str) -> Decision:
        """Whoever operates the org."""
        connection, _ = _parts(target)
        return tenancy.may_on(actor, powers.READ_APPS, target=connection, grant=OPERATE)

    def may_approve(self, actor: Actor, target: str) -> Decision:
        """Whoever approves scopes of this org (tenant admins)."""
        connection, _ = _parts(target)
        return tenancy.may_on(actor, powers.APPROVE_BASELINE, target=connection, grant=OPERATE)

    def preflight(self, target: str, wanted: Value, *, now: datetime) -> Value:
        return preflights.nothing_to_tell(
            "A baseline is what snapshots are compared with. It keeps no caller out."
        )

    def put(
        self,
        target: str,
        wanted: Value,
        *,
        secrets: Secrets,
        actor: Actor,
        by: User,
        now: datetime,
    ) -> None:
        app = granted_app(target)
        if sorted(app.scopes or []) != wanted["scopes"]:
            raise Conflict("The org grants other scopes now than were approved.")
        replacing.replace_baseline(
            actor=actor, before=_baseline(target), app=app, approved_by=by, now=now
        )

    def put_back(
        self, target: str, value: Value, *, secrets: Secrets, actor: Actor, now: datetime
    ) -> None:
        earlier = ScopeBaseline.objects.get(pk=UUID(value["baseline"]))
        replacing.restore_baseline(actor=actor, before=_baseline(target), earlier=earlier, now=now)

    def check(
        self, target: str, wanted: Value, *, preflight: Value, since: datetime, now: datetime
    ) -> list[Check]:
        """In force, and what the org's latest snapshot grants is what was approved."""
        in_force = sorted(_baseline(target).scopes) == wanted["scopes"]
        granted = _granted_now(target)
        agrees = granted == wanted["scopes"]
        return [
            Check(
                "baseline-in-force",
                in_force,
                "The baseline holds what was approved."
                if in_force
                else "Another baseline is in force than was approved.",
            ),
            Check(
                "agrees-with-snapshot",
                agrees,
                "The latest snapshot grants exactly these scopes."
                if agrees
                else "The latest snapshot grants other scopes, or does not tell them.",
            ),
        ]

    def lines(self, base: Value, wanted: Value) -> list[Line]:
        """One line a scope that comes or goes, and those that stay folded into one."""
        before, after = base["scopes"], wanted["scopes"]
        both = [scope for scope in after if scope in before]
        gone = [Line("Scope taken out", each, "") for each in before if each not in after]
        new = [Line("Scope added", "", each) for each in after if each not in before]
        same = ", ".join(both)
        return [*new, *gone, *([Line("Scopes", same, same)] if both else [])]


def target_of(app: SnapshotApp) -> str:
    """How proposals name an app: its org and its key there."""
    return f"{app.snapshot.connection_id}{SEPARATOR}{app.app_key}"


def granted_app(target: str) -> SnapshotApp:
    """The app in the org's latest snapshot, its scopes known. Raises `NotFound`, `Conflict`."""
    app = _latest_app(target)
    if app is None:
        raise NotFound("The org's latest snapshot does not show this app.")
    if app.scopes is None:
        raise Conflict("The org does not tell this app's scopes, and what is unknown stays so.")
    return app


def _granted_now(target: str) -> list[str] | None:
    app = _latest_app(target)
    return None if app is None or app.scopes is None else sorted(app.scopes)


def _latest_app(target: str) -> SnapshotApp | None:
    connection, key = _parts(target)
    snapshot = crm.latest_snapshot(connection)
    kind, _, org_app_id = key.partition(":")
    rows = SnapshotApp.objects.select_related("snapshot__connection")
    return rows.filter(snapshot=snapshot, kind=kind, org_app_id=org_app_id).first()


def _baseline(target: str) -> ScopeBaseline:
    connection, key = _parts(target)
    found = posture.current_baselines(connection).get(key)
    if found is None:
        raise NotFound("Nobody approved scopes of this app yet. Its first approval is direct.")
    return found


def _parts(target: str) -> tuple[Connection, str]:
    connection_id, _, key = target.partition(SEPARATOR)
    try:
        found = Connection.objects.filter(pk=UUID(connection_id)).first()
    except ValueError:
        found = None
    if found is None:
        raise NotFound("There is no such org here.")
    return found, key
