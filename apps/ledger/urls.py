"""Routes of the ledger."""

from apps.common import powers
from apps.common.routes import route
from apps.ledger.api.views import EventDetail, EventList
from apps.ledger.views.event import event, progress, proof, raw
from apps.ledger.views.events import events
from apps.ledger.views.path import path

READ = powers.READ_LEDGER
app_name = "ledger"
urlpatterns = [
    route("ledger/", events, name="events", policy=READ),
    route("ledger/path/", path, name="path", policy=READ),
    route("ledger/<uuid:event_id>/", event, name="event", policy=READ),
    route("ledger/<uuid:event_id>/raw/", raw, name="raw", policy=READ),
    route("ledger/<uuid:event_id>/proof/", proof, name="proof", policy=READ),
    route("ledger/<uuid:event_id>/progress/", progress, name="progress", policy=READ),
    route("api/v1/ledger/events/", EventList.as_view(), name="api-events", policy=READ),
    route(
        "api/v1/ledger/events/<uuid:event_id>/",
        EventDetail.as_view(),
        name="api-event",
        policy=READ,
    ),
]
