"""Routes of posture: pages, and the API under /api/v1/."""

from django.urls import URLPattern

app_name = "posture"
urlpatterns: list[URLPattern] = []
