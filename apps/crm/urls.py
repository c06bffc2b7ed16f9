"""Routes of crm: pages, and the API under /api/v1/."""

from django.urls import URLPattern

app_name = "crm"
urlpatterns: list[URLPattern] = []
