"""The page of event logs: what was seen, what was not, and finding a call."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from apps.common.clock import database_now
from apps.crm.eventlogs import listing, taking
from apps.crm.models import Connection, LogWatch
from tests.cast import Cast
from tests.crm import orgs
from tests.crm.eventlogs.test_usage import add_file, add_row
from tests.e2e import look
from tests.e2e.visiting import Visit
from tests.fakes.sandbox import RunningSandbox

pytestmark = pytest.mark.django_db
LOGS = "crm:logs"


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_before_the_first_file_everything_is_unknown(cast: Cast, connection: Connection) -> None:
    page = cast.client("bob").get(reverse(LOGS))
    assert "what it saw is unknown" in text_of(page)
    assert "Fetch now" in text_of(page)
    assert "Fetch now" not in text_of(cast.client("rita").get(reverse(LOGS)))


def test_events_are_found_by_app_user_address_type_and_request(
    cast: Cast, connection: Connection
) -> None:
    with cast.at_acme():
        hour = database_now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
        file = add_file(connection, "ApiTotalUsage", hour, 1)
        add_row(file, hour, app_name="Copilot", user_id="005000000000001", request_id="r" * 22)
        add_row(file, hour, app_id="0H4000000000002", app_name="Loader", address="203.0.113.9")
    bob = cast.client("bob")
    everything = text_of(bob.get(reverse(LOGS)))
    assert "2 in what was seen" in everything
    assert "hours are in log files; the rest is unknown" in everything
    for query, found in (
        ({"app": "0H4000000000002"}, "203.0.113.9"),
        ({"user": "005000000000001AAA"}, "005000000000001"),
        ({"address": "203.0.113.9"}, "203.0.113.9"),
        ({"request": "r" * 22}, "005000000000001"),
        ({"kind": "ApiTotalUsage", "app": "0H4000000000002"}, "203.0.113.9"),
    ):
        shown = text_of(bob.get(reverse(LOGS), query))
        assert "1 in what was seen" in shown and found in shown, query


def test_pages_follow_one_another_without_a_gap(cast: Cast, connection: Connection) -> None:
    with cast.at_acme():
        hour = database_now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
        file = add_file(connection, "ApiTotalUsage", hour, 1)
        for number in range(60):
            add_row(file, hour, request_id=f"request-{number:02}")
    bob, address, seen = cast.client("bob"), reverse(LOGS), list[str]()
    for _ in range(2):
        html = bob.get(address).content.decode()
        seen += set(re.findall(r"request-\d\d", html))
        older = re.search(r'href="(\?[^"]*before=[^"]*)"', html)
        address = reverse(LOGS) + (older[1].replace("&amp;", "&") if older else "")
    assert sorted(seen) == [f"request-{number:02}" for number in range(60)]


@pytest.mark.parametrize(
    ("query", "words"),
    [({"before": "nonsense"}, "address is damaged"), ({"period": "9y"}, "Choose one of")],
)
def test_a_damaged_address_is_told(
    cast: Cast, connection: Connection, query: dict[str, str], words: str
) -> None:
    page = cast.client("bob").get(reverse(LOGS), query)
    assert page.status_code == 400
    assert words in text_of(page)


def test_fetching_now_shows_progress_until_the_files_are_there(
    cast: Cast, sandbox: RunningSandbox, connection: Connection, take: Callable[[], LogWatch]
) -> None:
    bob = cast.client("bob")
    answer = bob.post(reverse("crm:take-logs", args=[connection.pk]))
    assert answer.status_code == 302
    live = reverse("crm:logs-progress", args=[connection.pk])
    assert live in bob.get(answer["Location"]).content.decode()
    assert "HX-Refresh" not in bob.get(live).headers
    take()
    assert bob.get(live)["HX-Refresh"] == "true"
    assert "hours are in log files" in text_of(bob.get(answer["Location"]))


def test_another_tenants_org_is_not_there(cast: Cast, connection: Connection) -> None:
    mallory = cast.client("mallory")
    assert connection.name not in text_of(mallory.get(reverse(LOGS), {"org": str(connection.pk)}))
    for name in ("crm:take-logs", "crm:logs-progress"):
        method = mallory.post if name == "crm:take-logs" else mallory.get
        assert method(reverse(name, args=[connection.pk])).status_code in {403, 404}


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_page_of_event_logs_in_a_browser(
    visit: Visit, stage: Cast, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "FIRST_DAYS", 3)
    monkeypatch.setattr(listing, "TAKEN_TYPES", ("ApiTotalUsage", "RestApi"))
    connection = orgs.check(stage, orgs.connect(stage, sandbox))
    page = visit.as_person(stage, "bob")
    page.goto(visit.url(LOGS))
    expect(page.get_by_text("what it saw is unknown")).to_be_visible()
    page.get_by_role("button", name="Fetch now").click()
    taking.take_logs(tenant_id=stage.acme.pk, connection_id=connection.pk)
    expect(page.get_by_text("hours are in log files")).to_be_visible()  # by itself
    look.keep(page, "logs")
    page.get_by_role("link", name="30 days").click()
    expect(page.get_by_role("link", name="30 days")).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="Files").click()
    page.get_by_role("button", name="Check").first.click()
    expect(page.get_by_text("As taken", exact=True)).to_be_visible()
    look.keep(page, "log-files")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(visit.url(LOGS))
    expect(page.get_by_label("Type of event")).not_to_be_visible()  # the events come first
    look.take(page, "logs-phone", whole=True)
    page.get_by_text("Search", exact=True).first.click()
    expect(page.get_by_label("Type of event")).to_be_visible()
