"""Reviews over the API: the same rules, answered as problem documents."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from apps.common.clock import database_now
from apps.reviews import selectors
from apps.reviews.models import Campaign, Item
from tests.cast import Cast, code_for
from tests.reviews.made_up import make_connection, opened, small_snapshot

JSON = "application/json"


@pytest.fixture
def campaign(cast: Cast) -> Campaign:
    with cast.at_acme() as alice:
        return opened(alice, small_snapshot(make_connection()))


def _first(cast: Cast, campaign: Campaign) -> Item:
    with cast.at_acme():
        item = selectors.list_items(campaign).first()
        assert item is not None
        return item


def test_a_review_is_opened_decided_and_signed(cast: Cast) -> None:
    with cast.at_acme():
        snapshot = small_snapshot(make_connection())
    due = (database_now() + timedelta(days=5)).isoformat()
    made = cast.client("alice").post(
        reverse("reviews:api-campaigns"), {"snapshot": str(snapshot.pk), "due_at": due}, JSON
    )
    assert made.status_code == 201, made.content
    campaign_id = made.json()["campaign"]["id"]
    rita = cast.client("rita")
    rows = rita.get(reverse("reviews:api-items", args=[campaign_id])).json()
    assert rows["next"] == ""
    assert "handle" not in rows["results"][0]
    for row in rows["results"]:
        answer = rita.post(
            reverse("reviews:api-decide", args=[row["id"]]), {"decision": "keep"}, JSON
        )
        assert answer.json()["item"]["decision"] == "keep"
    url = reverse("reviews:api-finish", args=[campaign_id])
    preview = rita.get(url).json()
    assert (preview["kept"], preview["undecided"]) == (3, [])
    signed = rita.post(url, {"code": code_for(cast.rita), "seen": preview["digest"]}, JSON)
    assert signed.json()["campaign"]["state"] == "closed"


@pytest.mark.parametrize(
    ("sent", "status", "field"),
    [
        ({"decision": "revoke", "note": ""}, 400, "note"),
        ({"decision": "revoke", "note": "n" * 2001}, 400, "note"),
        ({"decision": "perhaps"}, 400, "decision"),
        ({"note": "no decision"}, 400, "decision"),
        ({"decision": "keep", "seconds": -1}, 400, "seconds"),
    ],
)
def test_bad_input_names_the_field_and_changes_nothing(
    cast: Cast, campaign: Campaign, sent: dict[str, Any], status: int, field: str
) -> None:
    item = _first(cast, campaign)
    url = reverse("reviews:api-decide", args=[item.pk])
    answer = cast.client("rita").post(url, sent, JSON)
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("application/problem+json")
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    with cast.at_acme():
        item.refresh_from_db()
        assert item.decision == ""


def test_a_truncated_snapshot_has_a_stable_code(cast: Cast) -> None:
    with cast.at_acme():
        snapshot = small_snapshot(make_connection(), state="incomplete", sources=[])
    due = (database_now() + timedelta(days=5)).isoformat()
    answer = cast.client("alice").post(
        reverse("reviews:api-campaigns"), {"snapshot": str(snapshot.pk), "due_at": due}, JSON
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "snapshot_unfit")


def test_undecided_items_and_late_signatures_have_stable_codes(
    cast: Cast, campaign: Campaign
) -> None:
    rita, url = cast.client("rita"), reverse("reviews:api-finish", args=[campaign.pk])
    seen = rita.get(url).json()["digest"]
    answer = rita.post(url, {"code": "123456", "seen": seen}, JSON)
    assert (answer.status_code, answer.json()["code"]) == (409, "undecided_items")
    stale = rita.post(url, {"code": "123456", "seen": "0" * 64}, JSON)
    assert (stale.status_code, stale.json()["code"]) == (409, "conflict")


def test_an_auditor_reads_and_may_not_decide(cast: Cast, campaign: Campaign) -> None:
    otto, item = cast.client("otto"), _first(cast, campaign)
    assert otto.get(reverse("reviews:api-campaigns")).status_code == 200
    assert otto.get(reverse("reviews:api-item", args=[item.pk])).status_code == 200
    answer = otto.post(reverse("reviews:api-decide", args=[item.pk]), {"decision": "keep"}, JSON)
    assert (answer.status_code, answer.json()["code"]) == (403, "denied")
