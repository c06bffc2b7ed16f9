"""Starting, cancelling and keeping together over the API, by the same rules as on the pages."""

from typing import Any

import pytest
from django.urls import reverse

from apps.ledger import selectors as ledger
from apps.reviews.models import Campaign
from tests.cast import Cast
from tests.reviews.made_up import finished, make_connection, opened, small_snapshot

JSON = "application/json"
WHY = {"note": "Opened for the wrong org."}


@pytest.fixture
def prepared(cast: Cast) -> Campaign:
    with cast.at_acme() as alice:
        return opened(alice, small_snapshot(make_connection()), start=False)


def _post(cast: Cast, name: str, step: str, campaign: Campaign, **body: Any) -> Any:
    url = reverse(f"reviews:api-{step}", args=[campaign.pk])
    return cast.client(name).post(url, body, JSON)


def _state(cast: Cast, campaign: Campaign) -> str:
    with cast.at_acme():
        campaign.refresh_from_db()
        return str(campaign.state)


def test_a_prepared_review_is_started_once(cast: Cast, prepared: Campaign) -> None:
    answer = _post(cast, "alice", "start", prepared)
    assert answer.status_code == 200
    assert answer.json()["campaign"]["state"] == "in_review"
    again = _post(cast, "alice", "start", prepared)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    with cast.at_acme():
        assert ledger.list_events(action="reviews.campaign.started").count() == 1


def test_a_review_is_cancelled_with_a_reason(cast: Cast, prepared: Campaign) -> None:
    answer = _post(cast, "alice", "cancel", prepared, **WHY)
    assert (answer.status_code, answer.json()["campaign"]["state"]) == (200, "cancelled")
    with cast.at_acme():
        assert ledger.list_events(action="reviews.campaign.cancelled").count() == 1


@pytest.mark.parametrize("body", [{}, {"note": ""}, {"note": "no"}, {"note": "n" * 2001}])
def test_a_review_is_not_cancelled_without_a_good_reason(
    cast: Cast, prepared: Campaign, body: dict[str, str]
) -> None:
    answer = _post(cast, "alice", "cancel", prepared, **body)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["note"]
    assert _state(cast, prepared) == "ready"


def test_unchanged_low_risk_grants_are_kept_together(cast: Cast) -> None:
    with cast.at_acme() as alice:
        connection = make_connection()
        first = opened(alice, small_snapshot(connection))
    assert _post(cast, "rita", "keep-unchanged", first).json() == {"kept": 0}
    with cast.at_acme("rita") as rita:
        finished(rita, first)
    with cast.at_acme() as alice:
        second = opened(alice, small_snapshot(connection))
    answer = _post(cast, "rita", "keep-unchanged", second)
    assert (answer.status_code, answer.json()) == (200, {"kept": 1})
    with cast.at_acme():
        [kept] = second.items.filter(decision="keep")
        assert kept.change == "unchanged"
        assert ledger.list_events(action="reviews.item.decided", target_id=str(kept.pk)).exists()


@pytest.mark.parametrize(
    ("name", "step", "rule"),
    [
        ("rita", "start", "needs:reviews.open"),
        ("rita", "cancel", "needs:reviews.open"),
        ("otto", "keep-unchanged", "needs:reviews.decide"),
    ],
)
def test_a_role_without_the_power_is_refused(
    cast: Cast, prepared: Campaign, name: str, step: str, rule: str
) -> None:
    answer = _post(cast, name, step, prepared, **WHY)
    assert (answer.status_code, answer.json()["rule"]) == (403, rule)
    assert _state(cast, prepared) == "ready"


@pytest.mark.parametrize("step", ["start", "cancel", "keep-unchanged"])
def test_another_tenants_review_is_not_found(cast: Cast, prepared: Campaign, step: str) -> None:
    assert _post(cast, "mallory", step, prepared, **WHY).status_code == 404
    assert _state(cast, prepared) == "ready"
