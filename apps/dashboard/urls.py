"""Routes of dashboard: pages, and the API under /api/v1/."""

from django.urls import URLPattern

app_name = "dashboard"
urlpatterns: list[URLPattern] = []
