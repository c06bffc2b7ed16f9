"""All routes. Each app names the power that each of its routes asks for."""

from django.contrib import admin
from django.urls import include, path

APPS = (
    "accounts",
    "tenancy",
    "custody",
    "ledger",
    "residency",
    "crm",
    "llm",
    "posture",
    "sync",
    "breakglass",
    "reviews",
    "evidence",
    "dashboard",
)

urlpatterns = [
    *(path("", include(f"apps.{app}.urls")) for app in APPS),
    path("explore/", admin.site.urls),
]
