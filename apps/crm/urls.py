"""Routes of crm: pages, and the API under /api/v1/."""

from apps.common import powers
from apps.common.routes import route
from apps.crm import health_views, lockout_views, snapshot_views, views
from apps.crm.api.rights import GiveRights, RightsList, TakeRights
from apps.crm.api.views import (
    ConnectionCheck,
    ConnectionDetail,
    ConnectionEnd,
    ConnectionList,
    SnapshotDetail,
    SnapshotList,
)
from apps.crm.eventlogs import file_views as log_files
from apps.crm.eventlogs import views as logs
from apps.crm.eventlogs.api import addresses as log_api

READ, MANAGE = powers.READ_APPS, powers.MANAGE_CONNECTIONS
ORG, SNAPSHOT = "orgs/<uuid:connection_id>/", "snapshots/<uuid:snapshot_id>/"
API_ORG = "api/v1/connections/<uuid:connection_id>/"
API_MEMBER = f"{API_ORG}rights/<uuid:user_id>/"

app_name = "crm"
urlpatterns = [
    route("orgs/", views.connections, name="connections", policy=READ),
    route("orgs/connect/", views.connect, name="connect", policy=MANAGE),
    route(ORG, views.connection, name="connection", policy=READ),
    route(f"{ORG}health/", views.health, name="health", policy=READ),
    route(f"{ORG}lockout/", lockout_views.lockout, name="lockout", policy=READ),
    route(f"{ORG}place/", health_views.change_place, name="place", policy=MANAGE),
    route(f"{ORG}check/", views.check, name="check", policy=READ),
    route(f"{ORG}disconnect/", views.disconnect, name="disconnect", policy=MANAGE),
    route(f"{ORG}snapshots/", snapshot_views.take, name="take-snapshot", policy=READ),
    route(
        f"{ORG}rights/<uuid:user_id>/give/",
        views.change_rights,
        name="give-rights",
        policy=MANAGE,
        verb="give",
    ),
    route(
        f"{ORG}rights/<uuid:user_id>/take/",
        views.change_rights,
        name="take-rights",
        policy=MANAGE,
        verb="take",
    ),
    route("logs/", logs.logs, name="logs", policy=READ),
    route(
        "logs/files/",
        log_files.files,
        name="log-files",
        policy={"GET": READ, "POST": powers.MANAGE_POLICY},
    ),
    route("logs/files/<uuid:file_id>/check/", log_files.check, name="check-log-file", policy=READ),
    route("logs/<uuid:connection_id>/take/", logs.take, name="take-logs", policy=READ),
    route("logs/<uuid:connection_id>/progress/", logs.progress, name="logs-progress", policy=READ),
    route(SNAPSHOT, snapshot_views.snapshot, name="snapshot", policy=READ),
    route(f"{SNAPSHOT}progress/", snapshot_views.progress, name="snapshot-progress", policy=READ),
    route(
        "api/v1/connections/",
        ConnectionList.as_view(),
        name="api-connections",
        policy={"GET": READ, "POST": MANAGE},
    ),
    route(API_ORG, ConnectionDetail.as_view(), name="api-connection", policy=READ),
    route(f"{API_ORG}check/", ConnectionCheck.as_view(), name="api-check", policy=READ),
    route(f"{API_ORG}disconnect/", ConnectionEnd.as_view(), name="api-disconnect", policy=MANAGE),
    route(f"{API_ORG}rights/", RightsList.as_view(), name="api-rights", policy=READ),
    route(f"{API_MEMBER}give/", GiveRights.as_view(), name="api-give-rights", policy=MANAGE),
    route(f"{API_MEMBER}take/", TakeRights.as_view(), name="api-take-rights", policy=MANAGE),
    route(f"{API_ORG}snapshots/", SnapshotList.as_view(), name="api-snapshots", policy=READ),
    *log_api.routes,
    route(f"api/v1/{SNAPSHOT}", SnapshotDetail.as_view(), name="api-snapshot", policy=READ),
]
