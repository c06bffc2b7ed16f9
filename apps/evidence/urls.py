"""Routes of evidence: pages, and the API under /api/v1/."""

from django.urls import URLPattern

app_name = "evidence"
urlpatterns: list[URLPattern] = []
