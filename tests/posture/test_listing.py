"""The matrix of five hundred apps: page by page, by difference, in as many queries as of five."""

import re

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.crm.models import SnapshotApp
from apps.posture.models import ScopeBaseline
from tests.cast import Cast
from tests.reviews import made_up

pytestmark = pytest.mark.django_db
SOME, MANY = 5, 500


def apps_of(cast: Cast, count: int, name: str) -> str:
    """An org of so many apps of which every tenth lost a scope; the query that shows it."""
    org = made_up.make_connection(name=name)
    snapshot = made_up.make_snapshot(org)
    apps = SnapshotApp.objects.bulk_create(
        SnapshotApp(
            snapshot=snapshot, kind="connected_app", label=f"App {number:03}", scopes=["api"],
            developer_name=f"App_{number:03}", org_app_id=f"0H4{number:015}",
        )
        for number in range(count)
    )  # fmt: skip
    ScopeBaseline.objects.bulk_create(
        ScopeBaseline(
            tenant=cast.acme, connection=org, app_key=app.app_key, app_label=app.label,
            scopes=["api", "web"] if number % 10 == 0 else ["api", "full"], snapshot=snapshot,
            content_hash="ab" * 32, approved_by=cast.alice, approved_at=snapshot.taken_at,
        )
        for number, app in enumerate(apps)
        if number % 2 == 0
    )  # fmt: skip
    return f"?org={org.pk}"


def listed(html: str) -> list[str]:
    return re.findall(r'data-open href="[^"]+">(App \d+)<', html)


def key_of(html: str) -> str:
    """The key that the next page begins after."""
    [found] = re.findall(r'after=([^"&]+)"[^>]*>(?:<[^>]+>|\s)*Next', html)
    return str(found)


def test_five_hundred_apps_are_walked_page_by_page_and_filtered(cast: Cast) -> None:
    with cast.at_acme():
        few, many = apps_of(cast, SOME, "small"), apps_of(cast, MANY, "large")
    alice, address = cast.client("alice"), reverse("posture:apps")
    alice.get(address)
    with CaptureQueriesContext(database) as small:
        alice.get(address + few)
    with CaptureQueriesContext(database) as large:
        first = alice.get(address + many).content.decode()
    assert len(large) == len(small)
    seen = listed(first)
    following = re.search(r'href="(\?[^"]+)"[^>]*>(?:<[^>]+>|\s)*Next', first)
    assert following and "1 to 50 of 500" in first and "Previous" not in first
    second = alice.get(address + following[1].replace("&amp;", "&")).content.decode()
    seen += listed(second)
    assert len(seen) == len(set(seen)) == 100 and "51 to 100 of 500" in second
    last = alice.get(f"{address}{many}&after={key_of(second)}").content.decode()
    assert "101 to 150 of 500" in last and not set(listed(last)) & set(seen)
    lost = alice.get(f"{address}{many}&show=missing&q=app+49").content.decode()
    assert re.findall(r">(App \d+)<", lost) == [f"App {n}" for n in (490, 492, 494, 496, 498)]
    assert "No app of this org fits" in alice.get(f"{address}{many}&show=beyond").content.decode()
    odd = alice.get(f"{address}{many}&after=nothing%00like-it")
    assert odd.status_code == 200 and "1 to 50 of 500" in odd.content.decode()
