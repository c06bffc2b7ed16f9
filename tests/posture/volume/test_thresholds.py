"""Who sets from when on a volume is unusual, and within which limits."""

from math import nan

import pytest
from django.urls import reverse

from apps.common.clock import database_now
from apps.common.errors import Denied, Invalid
from apps.ledger import selectors as ledger
from apps.posture.models import VolumePolicy
from apps.posture.volume.baseline import Limits
from apps.posture.volume.thresholds import change_thresholds, limits_of_tenant
from tests.cast import Cast
from tests.reviews.made_up import make_connection

pytestmark = pytest.mark.django_db
PAGE, API = "posture:log-comparison", "posture:api-volume-thresholds"


def test_an_admin_sets_them_for_one_tenant(cast: Cast) -> None:
    now = database_now()
    with cast.at_acme("bob") as bob, pytest.raises(Denied):
        change_thresholds(actor=bob, score=3, least_calls=10, now=now)
    with cast.at_acme() as alice:
        change_thresholds(actor=alice, score=3.5, least_calls=10, now=now)
        assert limits_of_tenant() == Limits(3.5, 10)
        [entry] = ledger.list_events(action="posture.volume.thresholds_changed")
        assert ledger.data_of(entry)["before"] == {"score": "6", "least_calls": 50}
    with cast.at_globex():
        assert limits_of_tenant() == Limits(6.0, 50)


def test_what_makes_no_sense_changes_nothing(cast: Cast) -> None:
    wrong = ((1.9, 10, "score"), (101.0, 10, "score"), (nan, 10, "score"), (3.0, 0, "least_calls"))
    with cast.at_acme() as alice:
        for score, calls, field in wrong:
            with pytest.raises(Invalid) as refused:
                change_thresholds(actor=alice, score=score, least_calls=calls, now=database_now())
            assert refused.value.field == field
        assert not VolumePolicy.objects.exists()


def test_the_page_and_the_api_set_them(cast: Cast) -> None:
    with cast.at_acme():
        make_connection()
    alice, address = cast.client("alice"), reverse(PAGE)
    wrong = alice.post(address, {"score": "many", "least_calls": "5"})
    assert wrong.status_code == 422 and "Give a number" in wrong.content.decode()
    assert alice.post(address, {"score": "4", "least_calls": "5"}).status_code == 302
    assert alice.get(reverse(API)).json() == {"score": 4.0, "least_calls": 5}
    changed = alice.put(reverse(API), {"score": 8, "least_calls": 90}, "application/json")
    assert changed.json() == {"score": 8.0, "least_calls": 90}
    assert "score of 8" in cast.client("bob").get(address).content.decode()
    assert cast.client("bob").post(address, {"score": "4", "least_calls": "5"}).status_code == 403
