"""Routes of posture: pages, and the API under /api/v1/."""

from apps.common import powers
from apps.common.routes import route
from apps.posture import views
from apps.posture.api.addresses import routes as reach
from apps.posture.api.views import AppList, BaselineApproval, DeviationList
from apps.posture.findings.addresses import routes as findings
from apps.posture.purposes.pages import purpose
from apps.posture.reconcile import api as logs_api
from apps.posture.reconcile.views import comparison
from apps.posture.revocations.addresses import routes as revocations
from apps.posture.scans.addresses import routes as scans

READ, APPROVE = powers.READ_APPS, powers.APPROVE_BASELINE

app_name = "posture"
urlpatterns = [
    route(
        "logs/compare/",
        comparison,
        name="log-comparison",
        policy={"GET": READ, "POST": powers.MANAGE_POLICY},
    ),
    route(
        "api/v1/connections/<uuid:connection_id>/event-log-comparisons/",
        logs_api.ComparisonList.as_view(),
        name="api-log-comparisons",
        policy=READ,
    ),
    route(
        "api/v1/volume-thresholds/",
        logs_api.Thresholds.as_view(),
        name="api-volume-thresholds",
        policy={"GET": READ, "PUT": powers.MANAGE_POLICY},
    ),
    route("apps/", views.apps, name="apps", policy=READ),
    route("apps/<uuid:app_id>/", views.app, name="app", policy=READ),
    route("apps/<uuid:app_id>/approve/", views.approve, name="approve", policy=APPROVE),
    route(
        "api/v1/connections/<uuid:connection_id>/apps/",
        AppList.as_view(),
        name="api-apps",
        policy=READ,
    ),
    route(
        "api/v1/connections/<uuid:connection_id>/deviations/",
        DeviationList.as_view(),
        name="api-deviations",
        policy=READ,
    ),
    route(
        "api/v1/apps/<uuid:app_id>/baseline/",
        BaselineApproval.as_view(),
        name="api-baseline",
        policy=APPROVE,
    ),
    route("apps/<uuid:app_id>/purpose/", purpose, name="purpose", policy=READ),
    *findings,
    *reach,
    *scans,
    *revocations,
]
