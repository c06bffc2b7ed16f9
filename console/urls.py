"""All routes. Each app names the power that each of its routes asks for."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("apps.accounts.urls")),
    path("", include("apps.tenancy.urls")),
    path("explore/", admin.site.urls),
]
