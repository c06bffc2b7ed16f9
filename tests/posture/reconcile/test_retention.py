"""For how long comparisons with event logs are kept."""

from datetime import timedelta

import pytest

from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.crm.models import Connection
from apps.ledger import retention as holds
from apps.ledger import selectors as ledger
from apps.posture.models import LogComparison
from apps.posture.reconcile.retention import drop_old_comparisons
from tests.cast import Cast
from tests.reviews.made_up import make_connection

pytestmark = pytest.mark.django_db
DROPPED = "posture.log_comparison.dropped"


def compared(org: Connection, *ages: int) -> None:
    for age in ages:
        at = database_now() - timedelta(days=age)
        since = at - timedelta(days=2)
        LogComparison.objects.create(
            connection=org, looked_at=at, since=since, until=at, unseen_count=1
        )


def ages_kept() -> list[int]:
    looked = LogComparison.objects.order_by("looked_at").values_list("looked_at", flat=True)
    return [(database_now() - at).days for at in looked]


def test_comparisons_go_with_the_logs_and_the_newest_of_an_org_stays(cast: Cast) -> None:
    with cast.at_acme():
        compared(make_connection(), 400, 181, 179, 1)
        compared(make_connection(name="quiet"), 300, 200)
        assert drop_old_comparisons(now=database_now()) == 3
        assert drop_old_comparisons(now=database_now()) == 0
        assert ages_kept() == [200, 179, 1]
        told = [ledger.data_of(entry) for entry in ledger.list_events(action=DROPPED)]
    assert sorted((each["comparisons"], each["unseen"]) for each in told) == [(1, 1), (2, 2)]
    assert {each["days"] for each in told} == {180}


def test_a_legal_hold_keeps_them(cast: Cast) -> None:
    with cast.at_acme() as alice:
        compared(make_connection(), 400, 1)
        holds.place_hold(actor=alice, reason="case 00013377", now=database_now())
        assert drop_old_comparisons(now=database_now()) == 0
        assert ages_kept() == [400, 1]


def test_those_of_another_tenant_stay(cast: Cast) -> None:
    with cast.at_acme():
        compared(make_connection(), 400, 1)
    with scoped(tenant_id=cast.globex.pk):
        assert drop_old_comparisons(now=database_now()) == 0
    with cast.at_acme():
        assert ages_kept() == [400, 1]
