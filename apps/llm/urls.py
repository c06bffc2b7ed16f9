"""Routes of llm: pages, and the API under /api/v1/."""

from django.urls import URLPattern

app_name = "llm"
urlpatterns: list[URLPattern] = []
