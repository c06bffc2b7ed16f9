"""Routes of custody: pages, and the API under /api/v1/."""

from django.urls import URLPattern

app_name = "custody"
urlpatterns: list[URLPattern] = []
