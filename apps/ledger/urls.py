"""Routes of the ledger."""

from apps.common import powers
from apps.common.routes import route
from apps.ledger.api.listing import ListExport
from apps.ledger.api.log import GlobalCheckpoint, LogCheckpoint, LogTile
from apps.ledger.api.log_proofs import (
    ConsistencyProof,
    GlobalProof,
    InclusionProof,
    LogAnchors,
    LogKeys,
)
from apps.ledger.api.views import EventDetail, EventList
from apps.ledger.views.event import event, progress, proof, raw
from apps.ledger.views.events import events
from apps.ledger.views.exports import log_export, log_export_progress, log_exports
from apps.ledger.views.listing import export_list
from apps.ledger.views.path import path
from apps.ledger.views.retention import kept
from apps.ledger.views.verifications import history, verify_now

READ = powers.READ_LEDGER
app_name = "ledger"
LOG = "api/v1/ledger/log"
urlpatterns = [
    route("ledger/", events, name="events", policy=READ),
    route("ledger/path/", path, name="path", policy=READ),
    route("ledger/verifications/", history, name="verifications", policy=READ),
    route("ledger/verifications/now/", verify_now, name="verify-now", policy=READ),
    route("ledger/list/", export_list, name="list-export", policy=powers.EXPORT),
    route("ledger/exports/", log_exports, name="exports", policy=powers.EXPORT),
    route("ledger/exports/<uuid:log_export_id>/", log_export, name="export", policy=powers.EXPORT),
    route(
        "ledger/exports/<uuid:log_export_id>/progress/",
        log_export_progress,
        name="export-progress",
        policy=powers.EXPORT,
    ),
    route(
        "ledger/retention/",
        kept,
        name="retention",
        policy={"GET": READ, "POST": powers.MANAGE_POLICY},
    ),
    route("ledger/<uuid:event_id>/", event, name="event", policy=READ),
    route("ledger/<uuid:event_id>/raw/", raw, name="raw", policy=READ),
    route("ledger/<uuid:event_id>/proof/", proof, name="proof", policy=READ),
    route("ledger/<uuid:event_id>/progress/", progress, name="progress", policy=READ),
    route("api/v1/ledger/events/", EventList.as_view(), name="api-events", policy=READ),
    route(
        "api/v1/ledger/events/export/",
        ListExport.as_view(),
        name="api-list-export",
        policy=powers.EXPORT,
    ),
    route(
        "api/v1/ledger/events/<uuid:event_id>/",
        EventDetail.as_view(),
        name="api-event",
        policy=READ,
    ),
    route(f"{LOG}/checkpoint", LogCheckpoint.as_view(), name="api-log-checkpoint", policy=READ),
    route(
        f"{LOG}/checkpoint/global",
        GlobalCheckpoint.as_view(),
        name="api-log-checkpoint-global",
        policy=READ,
    ),
    route(f"{LOG}/tile/<path:tile>", LogTile.as_view(), name="api-log-tile", policy=READ),
    route(f"{LOG}/proof/inclusion", InclusionProof.as_view(), name="api-log-proof", policy=READ),
    route(
        f"{LOG}/proof/consistency",
        ConsistencyProof.as_view(),
        name="api-log-consistency",
        policy=READ,
    ),
    route(f"{LOG}/proof/global", GlobalProof.as_view(), name="api-log-proof-global", policy=READ),
    route(f"{LOG}/keys", LogKeys.as_view(), name="api-log-keys", policy=READ),
    route(f"{LOG}/anchors", LogAnchors.as_view(), name="api-log-anchors", policy=READ),
]
