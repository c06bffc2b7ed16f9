"""Routes of residency: pages, and the API under /api/v1/."""

from django.urls import URLPattern

app_name = "residency"
urlpatterns: list[URLPattern] = []
