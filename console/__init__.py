"""The Django project: settings, routes, entry points."""

from console.celery import app as celery_app

__all__ = ["celery_app"]
