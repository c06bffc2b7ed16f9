"""An org's health: its budget, its path and what its zone asks for, where it is said to be."""

from datetime import date

import pytest
from django.urls import reverse

from apps.accounts.models import User
from apps.common.clock import database_now
from apps.crm import health, paths
from apps.crm.models import Connection
from apps.crm.services import paths as setting
from apps.crm.services import settings
from apps.ledger import selectors as ledger
from tests.cast import Cast
from tests.crm import orgs
from tests.crm.test_pages import text_of
from tests.fakes.sandbox import RunningSandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def org(cast: Cast, sandbox: RunningSandbox) -> Connection:
    return orgs.check(cast, orgs.connect(cast, sandbox))


def record_private(actor: User, org: Connection) -> None:
    """The path as an approved proposal records it."""
    wanted = {**settings.settings_of(org), "path": "private_connect"}
    settings.set_settings(
        actor=actor, connection_id=org.pk, settings=wanted, secrets={}, now=database_now()
    )


def test_the_page_shows_budget_reserve_path_and_an_unknown_place(
    cast: Cast, org: Connection
) -> None:
    page = text_of(cast.client("alice").get(reverse("crm:connection", args=[org.pk])))
    assert "only calls of an active break-glass session may spend" in page
    assert "0 of 10 calls" in page
    assert "next renewal" in page
    assert "no source names a place" in page
    assert "Public internet" in page and "127.0.0.1" in page
    assert "perating zone" not in page


def test_a_place_is_inferred_by_the_longest_name_with_its_source(
    cast: Cast, org: Connection
) -> None:
    name = org.instance_name
    for prefix, place in ((name[:1], "Somewhere"), (name[:2], "Frankfurt")):
        form = {"prefix": prefix, "place": place, "source": "A letter", "source_on": "2026-03-01"}
        cast.client("alice").post(reverse("crm:place", args=[org.pk]), form)
    with cast.at_acme():
        found = health.place_of(org)
        assert found is not None
        assert (found.place, found.source_on) == ("Frankfurt", date(2026, 3, 1))
    page = text_of(cast.client("bob").get(reverse("crm:connection", args=[org.pk])))
    assert "Frankfurt inferred from" in page and "A letter" in page
    with cast.at_globex():
        assert health.place_of(org) is None


def test_a_zone_that_asks_for_a_private_path_stops_public_calls(
    cast: Cast, sandbox: RunningSandbox, org: Connection
) -> None:
    with cast.at_acme("alice") as alice:
        setting.set_rule(actor=alice, zone_id=org.zone_id, private_only=True, now=database_now())
    before = sandbox.state()["api_calls"]
    failing = orgs.check(cast, org)
    assert failing.state == "failing" and "private path only" in failing.last_error
    assert sandbox.state()["api_calls"] == before
    with cast.at_acme("alice") as alice:
        record_private(alice, org)
        changed = ledger.list_events(action="crm.path.changed", target_id=str(org.zone_id))
        assert changed.count() == 1
    assert orgs.check(cast, org).state == "healthy"  # 127.0.0.1 is no public address


def test_a_private_host_with_a_public_address_is_not_called(
    cast: Cast, org: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cast.at_acme("alice") as alice:
        record_private(alice, org)
    monkeypatch.setattr(paths, "resolve", lambda host: ["10.0.0.4", "8.8.8.8"])
    failing = orgs.check(cast, org)
    assert failing.state == "failing" and "public address" in failing.last_error


def test_the_bar_shows_what_is_used_left_and_kept() -> None:
    bar = health.Budget(used=4_000, allowed=10_000, reserve=1_000, running=0, at_once=10).bar
    assert bar and (bar.used_width, bar.ends_at, bar.reserve_width) == (400, 900, 100)
    assert (bar.left, bar.reserve_left) == (5_000, 1_000)
    assert "5,000 left for ordinary calls, 1,000 kept" in bar.spoken
    spent = health.Budget(used=9_600, allowed=10_000, reserve=1_000, running=0, at_once=10)
    assert spent.tone == "danger" and spent.bar
    assert (spent.bar.left, spent.bar.reserve_left) == (0, 400)
    assert health.Budget(None, None, None, None, 10).bar is None
