"""Routes of the endpoint registry: pages, and the API under /api/v1/."""

from apps.common import powers
from apps.common.routes import route
from apps.llm import views
from apps.llm.api import views as api

app_name = "llm"
READ, CHANGE = powers.READ_OVERVIEW, powers.MANAGE_POLICY
API_ONE = "api/v1/endpoints/<uuid:endpoint_id>/"
urlpatterns = [
    route("endpoints/", views.endpoints, name="endpoints", policy=READ),
    route("endpoints/register/", views.register, name="register", policy=CHANGE),
    route("endpoints/<uuid:endpoint_id>/check/", views.check, name="check", policy=CHANGE),
    route(
        "api/v1/endpoints/",
        api.Endpoints.as_view(),
        name="api-endpoints",
        policy={"GET": READ, "POST": CHANGE},
    ),
    route(API_ONE, api.OneEndpoint.as_view(), name="api-endpoint", policy=READ),
    route(f"{API_ONE}check/", api.Check.as_view(), name="api-check", policy=CHANGE),
]
