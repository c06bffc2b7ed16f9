"""Routes of sync: pages, and the API under /api/v1/."""

from django.urls import URLPattern

app_name = "sync"
urlpatterns: list[URLPattern] = []
