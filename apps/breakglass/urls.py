"""Routes of breakglass: pages, and the API under /api/v1/."""

from django.urls import URLPattern

app_name = "breakglass"
urlpatterns: list[URLPattern] = []
