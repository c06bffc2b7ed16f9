"""Lists of the API keep the order of their selector from page to page, and lose no row."""

from typing import Any

import pytest
from django.test import Client

from tests.architecture.world import make_world
from tests.cast import Cast


def _pages(client: Client, url: str) -> list[dict[str, Any]]:
    """All rows, two at a time."""
    rows: list[dict[str, Any]] = []
    following: str | None = f"{url}?page_size=2"
    while following:
        answer = client.get(following).json()
        rows += answer["results"]
        following = answer["next"]
        assert len(rows) < 50, "the pages do not end"
    return rows


@pytest.mark.parametrize(
    ("url", "column", "newest_first"),
    [
        ("/api/v1/sync/jobs/{job_id}/runs/", "queued_at", True),
        ("/api/v1/sync/jobs/", "name", False),
        ("/api/v1/endpoints/", "name", False),
        ("/api/v1/zones/", "name", False),
        ("/api/v1/connections/{connection_id}/snapshots/", "taken_at", True),
        ("/api/v1/emergency/requests/", "created_at", True),
    ],
)
def test_pages_follow_the_selectors_order(
    cast: Cast, url: str, column: str, newest_first: bool
) -> None:
    world = make_world(cast.acme, cast.alice, size=5)
    rows = _pages(cast.client("alice"), url.format(**world.values))
    seen = [row[column] for row in rows]
    assert len({row["id"] for row in rows}) == len(rows) >= 5
    assert seen == sorted(seen, reverse=newest_first)
