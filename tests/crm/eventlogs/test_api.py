"""Searching event logs over the API."""

from datetime import timedelta

import pytest
from django.urls import reverse

from apps.common.clock import database_now
from tests.cast import Cast
from tests.crm.eventlogs.made_files import keep, line
from tests.reviews.made_up import make_connection

pytestmark = pytest.mark.django_db


def test_events_are_found_with_what_was_observed(cast: Cast) -> None:
    with cast.at_acme():
        org = make_connection()
        hour = database_now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=5)
        lines = [line(hour + timedelta(seconds=n), f"r{n:02}") for n in range(60)]
        keep(org, hour, lines, hourly=True)
    address = reverse("crm:api-logs", args=[org.pk])
    client = cast.client("rita")
    first = client.get(address).json()
    again = client.get(address, {"before": first["next"]}).json()
    found = [row["request_id"] for row in first["results"] + again["results"]]
    assert found == [f"r{n:02}" for n in reversed(range(60))]
    assert again["next"] == ""
    assert [window["since"] for window in first["observed"]] == [f"{hour:%Y-%m-%dT%H:%M:%SZ}"]
    assert "1 of 25 hours" in first["words"] or "1 of 24 hours" in first["words"]

    until = hour + timedelta(seconds=10)
    ends = {"from": f"{hour:%Y-%m-%dT%H:%M}", "until": f"{until:%Y-%m-%dT%H:%M:%S}"}
    assert len(client.get(address, ends).json()["results"]) == 10
    assert len(client.get(address, {"request": "r07"}).json()["results"]) == 1
    assert cast.client("mallory").get(address).status_code == 404


def test_a_damaged_search_names_the_field(cast: Cast) -> None:
    with cast.at_acme():
        org = make_connection()
    client, address = cast.client("rita"), reverse("crm:api-logs", args=[org.pk])
    for query, field in (
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-11-21", "until": "2026-11-20"}, "until"),
        ({"from": "2026-01-01", "until": "2026-11-20"}, "from"),
        ({"from": "0001-01-01T00:00+14:00"}, "from"),
        ({"period": "9y"}, "period"),
        ({"user": "a\x00b"}, "user"),
        ({"before": "nonsense"}, "before"),
    ):
        answer = client.get(address, query)
        assert answer.status_code == 400, query
        assert answer.json()["errors"][0]["field"] == field, query
