"""Routes of reviews: pages, and the API under /api/v1/."""

from django.urls import URLPattern

app_name = "reviews"
urlpatterns: list[URLPattern] = []
