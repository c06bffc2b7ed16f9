"""All routes. Each app names the power that each of its routes asks for."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from apps.common.routes import VERIFIED, route

APPS = (
    "accounts",
    "tenancy",
    "custody",
    "ledger",
    "residency",
    "crm",
    "llm",
    "posture",
    "changes",
    "sync",
    "breakglass",
    "reviews",
    "evidence",
    "dashboard",
)

handler404 = "apps.common.api.missing.not_found"

urlpatterns = [
    *(path("", include(f"apps.{app}.urls")) for app in APPS),
    path("explore/", admin.site.urls),
    route("api/schema/", SpectacularAPIView.as_view(), name="schema", policy=VERIFIED),
    route(
        "api/docs/",
        SpectacularSwaggerSplitView.as_view(url_name="schema"),
        name="api-docs",
        policy=VERIFIED,
    ),
]
