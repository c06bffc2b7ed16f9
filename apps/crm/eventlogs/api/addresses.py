"""Routes of event logs under /api/v1/."""

from apps.common import powers
from apps.common.routes import route
from apps.crm.eventlogs.api import views

READ = powers.READ_APPS
ORG = "api/v1/connections/<uuid:connection_id>/"

routes = [
    route(f"{ORG}event-logs/", views.LogSearch.as_view(), name="api-logs", policy=READ),
    route(f"{ORG}event-log-files/", views.LogFileList.as_view(), name="api-log-files", policy=READ),
    route(
        "api/v1/event-log-files/<uuid:file_id>/check/",
        views.LogFileCheck.as_view(),
        name="api-check-log-file",
        policy=READ,
    ),
    route(
        "api/v1/event-log-keeping/",
        views.Keeping.as_view(),
        name="api-log-keeping",
        policy={"GET": READ, "PUT": powers.MANAGE_POLICY},
    ),
]
