"""Routes of the ledger."""

from apps.common import powers
from apps.common.routes import route
from apps.ledger import views
from apps.ledger.api.views import EventDetail, EventList

READ = powers.READ_LEDGER
app_name = "ledger"
urlpatterns = [
    route("ledger/", views.events, name="events", policy=READ),
    route("ledger/<uuid:event_id>/", views.event, name="event", policy=READ),
    route("api/v1/ledger/events/", EventList.as_view(), name="api-events", policy=READ),
    route(
        "api/v1/ledger/events/<uuid:event_id>/",
        EventDetail.as_view(),
        name="api-event",
        policy=READ,
    ),
]
