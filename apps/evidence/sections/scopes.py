"""Which apps can reach the orgs and with which scopes, as the newest inventory says."""

from apps.crm.models import Connection, SnapshotApp
from apps.crm.selectors import latest_snapshot
from apps.evidence.pack.content import Checked, Section, Table
from apps.evidence.sections.results import worst
from apps.evidence.sections.window import Window

MOST_ROWS = 400


def write(window: Window) -> Section:
    """One row an app; scopes that could not be read are unknown."""
    apps: list[tuple[Connection, SnapshotApp]] = []
    for org in Connection.objects.order_by("name"):
        snapshot = latest_snapshot(org)
        if snapshot is not None:
            rows = SnapshotApp.objects.filter(snapshot=snapshot).order_by("label", "id")
            apps += [(org, app) for app in rows]
    unread = sum(app.scopes is None for _, app in apps)
    checked = (
        Checked(
            what="Scopes granted to each app",
            by="posture service",
            result="unknown" if unread or not apps else "good",
            note=f"{len(apps)} apps, {unread} whose scopes the org does not tell",
        ),
    )
    return Section(
        heading="Scopes of connected apps",
        summary=f"{len(apps)} apps can reach the orgs.",
        result=worst(part.result for part in checked),
        checked=checked,
        tables=(
            Table(
                caption="Apps and their scopes",
                columns=("Org", "App", "Kind", "Granted"),
                rows=tuple(
                    (org.name, app.label, app.get_kind_display(), _words(app.scopes))
                    for org, app in apps[:MOST_ROWS]
                ),
            ),
        ),
    )


def _words(scopes: list[str] | None) -> str:
    return "unknown" if scopes is None else ", ".join(scopes) or "none"
