"""Routes of ledger: pages, and the API under /api/v1/."""

from django.urls import URLPattern

app_name = "ledger"
urlpatterns: list[URLPattern] = []
