"""What each part of the home page reads, one file per room. Their order here is the page's."""

from apps.dashboard.reads import orgs, zones, emergency, scopes, reviews, sync, people  # noqa: I001

__all__ = ["emergency", "orgs", "people", "reviews", "scopes", "sync", "zones"]
