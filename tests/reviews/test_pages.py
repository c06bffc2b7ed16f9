"""The pages as people meet them: what they say, what they refuse, what they cost."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from apps.common.clock import database_now
from apps.reviews import selectors
from apps.reviews.models import Campaign, Item
from tests.cast import Cast, code_for
from tests.reviews.made_up import (
    SERVICE_USER,
    add_account,
    add_app,
    add_token,
    decided,
    finished,
    make_connection,
    make_snapshot,
    opened,
    small_snapshot,
)


@pytest.fixture
def campaign(cast: Cast) -> Campaign:
    with cast.at_acme() as alice:
        return opened(alice, small_snapshot(make_connection()))


def _first(cast: Cast, campaign: Campaign) -> Item:
    with cast.at_acme():
        item = selectors.list_items(campaign).first()
        assert item is not None
        return item


def _text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_without_reviews_the_list_says_to_take_a_snapshot_first(cast: Cast) -> None:
    text = _text(cast.client("alice").get("/reviews/"))
    assert "Nobody has reviewed access here yet" in text
    assert "Take a snapshot first" in text


def test_an_admin_opens_a_review_from_the_form(cast: Cast) -> None:
    with cast.at_acme():
        snapshot = small_snapshot(make_connection())
    client = cast.client("alice")
    form = _text(client.get("/reviews/open/"))
    assert "2 tokens, 1 permission set" in form
    day = (database_now() + timedelta(days=3)).date()
    answer = client.post("/reviews/open/", {"snapshot": snapshot.pk, "due": day, "name": ""})
    assert answer.status_code == 302
    assert "3 of 3 items are undecided" in _text(client.get(answer["Location"]))
    assert "acme-prod" in _text(client.get("/reviews/"))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"snapshot": "nonsense", "due": "2026-12-18"}, "Choose a snapshot"),
        ({"due": "18.12.2026"}, "year-month-day"),
        ({"due": "2026-02-31"}, "year-month-day"),
        ({"due": "2020-01-01"}, "deadline has passed"),
        ({"due": "2026-12-18", "name": "with \x00"}, "NUL"),
    ],
)
def test_a_form_that_does_not_fit_says_why_and_opens_nothing(
    cast: Cast, typed: dict[str, str], words: str
) -> None:
    with cast.at_acme():
        snapshot = small_snapshot(make_connection())
    answer = cast.client("alice").post("/reviews/open/", {"snapshot": str(snapshot.pk), **typed})
    assert answer.status_code == 422
    assert words in _text(answer)
    with cast.at_acme():
        assert not Campaign.objects.exists()


def test_a_truncated_snapshot_is_refused_on_the_form_with_its_source(cast: Cast) -> None:
    short = {"source": "tokens", "expected": 9, "read": 4, "state": "truncated", "error": ""}
    with cast.at_acme():
        snapshot = small_snapshot(make_connection(), state="incomplete", sources=[short])
    day = (database_now() + timedelta(days=3)).date()
    answer = cast.client("alice").post("/reviews/open/", {"snapshot": snapshot.pk, "due": day})
    assert answer.status_code == 422
    assert "tokens: 4 of 9 were read" in _text(answer)


def test_a_reviewer_decides_and_is_led_to_the_next_item(cast: Cast, campaign: Campaign) -> None:
    client, item = cast.client("rita"), _first(cast, campaign)
    url = reverse("reviews:item", args=[campaign.pk, item.pk])
    shown = client.get(url)
    text = _text(shown)
    assert 'data-key="1"' in text
    assert "Its account holds Modify All Data" in text
    assert "Revoke: Not used for 90 days or more" in text
    answer = client.post(
        url, {"decision": "revoke", "note": "Idle since spring.", "shown": shown.context["shown"]}
    )
    assert answer.status_code == 302
    assert str(item.pk) not in answer["Location"]
    with cast.at_acme():
        entry = selectors.list_decisions(item).get()
        assert (entry.choice, entry.seconds) == ("revoke", 0)


def test_a_revocation_without_a_note_comes_back_with_what_was_typed(
    cast: Cast, campaign: Campaign
) -> None:
    url = reverse("reviews:item", args=[campaign.pk, _first(cast, campaign).pk])
    answer = cast.client("rita").post(url, {"decision": "revoke", "note": "why"})
    assert answer.status_code == 422
    assert "The note is too short" in _text(answer)
    assert ">why</textarea>" in _text(answer)


def test_a_made_up_time_on_the_page_is_not_believed(cast: Cast, campaign: Campaign) -> None:
    item = _first(cast, campaign)
    url = reverse("reviews:item", args=[campaign.pk, item.pk])
    cast.client("rita").post(url, {"decision": "keep", "shown": "86400"})
    with cast.at_acme():
        assert selectors.list_decisions(item).get().seconds is None


def test_who_may_not_decide_sees_the_item_but_no_buttons(cast: Cast, campaign: Campaign) -> None:
    url = reverse("reviews:item", args=[campaign.pk, _first(cast, campaign).pk])
    text = _text(cast.client("otto").get(url))
    assert "Modify All Data" in text
    assert 'name="decision"' not in text
    assert cast.client("otto").post(url, {"decision": "keep"}).status_code == 403


def test_signing_shows_exactly_what_goes_and_takes_a_fresh_code(
    cast: Cast, campaign: Campaign
) -> None:
    item, client = _first(cast, campaign), cast.client("rita")
    with cast.at_acme("rita") as rita:
        decided(rita, item)
    url = reverse("reviews:finish", args=[campaign.pk])
    shown = client.get(url)
    assert "Signing takes 1 grant away in acme-prod" in _text(shown)
    seen = shown.context["preview"].digest
    wrong = client.post(url, {"code": "000000", "seen": seen, "silence": "yes"})
    assert (wrong.status_code, "code is wrong" in _text(wrong)) == (422, True)
    open_items = client.post(url, {"code": code_for(cast.rita), "seen": seen})
    assert (open_items.status_code, "2 items have no decision" in _text(open_items)) == (422, True)
    stale = client.post(url, {"code": code_for(cast.rita), "seen": "0" * 64, "silence": "yes"})
    assert (stale.status_code, "since you looked" in _text(stale)) == (422, True)
    with cast.at_acme():
        campaign.refresh_from_db()
        assert campaign.state == "in_review"


def test_a_right_code_signs_and_the_page_follows_the_revocations(
    cast: Cast, campaign: Campaign
) -> None:
    item, client = _first(cast, campaign), cast.client("rita")
    with cast.at_acme("rita") as rita:
        decided(rita, item)
    url = reverse("reviews:finish", args=[campaign.pk])
    seen = client.get(url).context["preview"].digest
    answer = client.post(url, {"code": code_for(cast.rita), "seen": seen, "silence": "yes"})
    assert answer.status_code == 302
    text = _text(client.get(answer["Location"]))
    assert "Proven gone by a read of the org: 0 of 1. Under way: 1." in text
    assert 'hx-trigger="every 2s"' in text
    fragment = _text(client.get(reverse("reviews:progress", args=[campaign.pk])))
    assert "Waiting to be revoked" in fragment
    assert "<html" not in fragment


def test_a_review_is_cancelled_with_a_reason(cast: Cast, campaign: Campaign) -> None:
    client, url = cast.client("alice"), reverse("reviews:end", args=[campaign.pk])
    assert client.post(url, {"note": ""}).status_code == 422
    assert client.post(url, {"note": "Wrong snapshot."}).status_code == 302
    text = _text(client.get(reverse("reviews:campaign", args=[campaign.pk])))
    assert "Cancelled before it was signed" in text


def _addresses(campaign_id: UUID, item_id: UUID) -> list[tuple[str, str]]:
    one, of_one = [campaign_id], [campaign_id, item_id]
    return [
        ("get", reverse("reviews:campaign", args=one)),
        ("get", reverse("reviews:progress", args=one)),
        ("get", reverse("reviews:finish", args=one)),
        ("post", reverse("reviews:finish", args=one)),
        ("post", reverse("reviews:start", args=one)),
        ("get", reverse("reviews:end", args=one)),
        ("post", reverse("reviews:keep-unchanged", args=one)),
        ("get", reverse("reviews:item", args=of_one)),
        ("post", reverse("reviews:item", args=of_one)),
        ("post", reverse("reviews:retry", args=of_one)),
        ("get", reverse("reviews:api-campaign", args=one)),
        ("get", reverse("reviews:api-items", args=one)),
        ("get", reverse("reviews:api-finish", args=one)),
        ("get", reverse("reviews:api-item", args=[item_id])),
    ]


def test_another_tenant_finds_nothing_at_any_address(cast: Cast, campaign: Campaign) -> None:
    item, client = _first(cast, campaign), cast.client("mallory")
    for method, url in _addresses(campaign.pk, item.pk):
        assert getattr(client, method)(url).status_code == 404, url
    assert campaign.name not in _text(client.get("/reviews/"))


def test_an_item_of_another_review_is_not_found_under_this_one(
    cast: Cast, campaign: Campaign
) -> None:
    with cast.at_acme("rita") as rita:
        finished(rita, campaign)
    with cast.at_acme() as alice:
        other = opened(alice, small_snapshot(campaign.connection))
    url = reverse("reviews:item", args=[other.pk, _first(cast, campaign).pk])
    assert cast.client("rita").get(url).status_code == 404


@pytest.mark.parametrize("name", ["bob", "lena", "ivan"])
def test_who_may_not_see_reviews_sees_none(cast: Cast, campaign: Campaign, name: str) -> None:
    client = cast.client(name)
    assert client.get("/reviews/").status_code == 403
    assert client.get(reverse("reviews:campaign", args=[campaign.pk])).status_code == 403


def _queries(client: Client, url: str, count: Any) -> int:
    client.get(url)
    with count() as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_212_items_cost_as_many_queries_as_three(
    cast: Cast, campaign: Campaign, django_assert_max_num_queries: Any
) -> None:
    with cast.at_acme() as alice:
        big = make_snapshot(make_connection(name="acme-hr"))
        add_account(big)
        add_app(big)
        for number in range(212):
            add_token(big, f"token {number}", user_id=SERVICE_USER)
        large = opened(alice, big)
    client = cast.client("rita")

    def count() -> Any:
        return django_assert_max_num_queries(60)

    few = _queries(client, reverse("reviews:campaign", args=[campaign.pk]), count)
    many = _queries(client, reverse("reviews:campaign", args=[large.pk]), count)
    assert many <= few
    items = [[one.pk, _first(cast, one).pk] for one in (campaign, large)]
    few, many = (_queries(client, reverse("reviews:item", args=of), count) for of in items)
    assert many <= few
    finish = (reverse("reviews:finish", args=[one.pk]) for one in (campaign, large))
    few, many = (_queries(client, url, count) for url in finish)
    assert many <= few
