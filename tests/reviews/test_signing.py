"""What a signature needs, binds and starts."""

from typing import Any

import pytest
from django.db import connection as database
from django.db import transaction
from django.db.utils import DatabaseError

from apps.accounts import services as accounts
from apps.accounts.errors import FactorRefused
from apps.accounts.models import User
from apps.common.clock import database_now
from apps.common.errors import Denied, NotFound
from apps.common.scope import scoped
from apps.reviews import services
from apps.reviews.errors import ReviewOver, Undecided
from apps.reviews.models import Campaign
from tests.cast import Cast, code_for
from tests.reviews.made_up import (
    decided,
    factor_for,
    finished,
    make_connection,
    opened,
    small_snapshot,
)


def _small(cast: Cast) -> Campaign:
    with cast.at_acme() as alice:
        return opened(alice, small_snapshot(make_connection()))


def test_undecided_items_block_the_signature(cast: Cast) -> None:
    campaign = _small(cast)
    with cast.at_acme("rita") as rita:
        with pytest.raises(Undecided, match="3 items have no decision") as refused:
            finished(rita, campaign, silence=False)
        assert refused.value.data["count"] == 3
        assert finished(rita, campaign, silence=True).state == "closed"
        assert set(campaign.items.values_list("decision", flat=True)) == {"no_response"}


def test_a_factor_for_other_decisions_does_not_sign_these(cast: Cast) -> None:
    campaign = _small(cast)
    with cast.at_acme("rita") as rita:
        factor = factor_for(rita, campaign, silence=True)
        item = campaign.items.first()
        assert item is not None
        decided(rita, item)
        with pytest.raises(FactorRefused):
            services.finish_review(
                actor=rita,
                campaign_id=campaign.pk,
                factor=factor,
                now=database_now(),
                silence_is_kept=True,
            )
        campaign.refresh_from_db()
        assert campaign.state == "in_review"


def test_a_review_is_signed_once(cast: Cast) -> None:
    campaign = _small(cast)
    with cast.at_acme("rita") as rita:
        finished(rita, campaign)
        with pytest.raises(ReviewOver):
            finished(rita, campaign)


def test_an_ended_review_stays_as_it_is(cast: Cast) -> None:
    campaign = _small(cast)
    with cast.at_acme("rita") as rita:
        finished(rita, campaign)
        with pytest.raises(DatabaseError, match="ended"), transaction.atomic():
            Campaign.objects.filter(pk=campaign.pk).update(name="Rewritten")


@pytest.mark.parametrize("name", ["alice", "bob", "otto"])
def test_only_reviewers_sign(cast: Cast, name: str) -> None:
    campaign = _small(cast)
    with cast.at_acme(name) as person, pytest.raises(Denied):
        finished(person, campaign)


def test_another_tenant_can_neither_sign_nor_close_nor_retry(cast: Cast) -> None:
    campaign = _small(cast)
    with cast.at_acme():
        item = campaign.items.first()
        assert item is not None
    with cast.at_globex() as mallory:
        now = database_now()
        factor = accounts.prove(
            user=mallory, code=code_for(mallory), decision=services.FINISH, subject="0", now=now
        )
        for act in (
            lambda: services.finish_review(
                actor=mallory, campaign_id=campaign.pk, factor=factor, now=now
            ),
            lambda: services.close_with_exceptions(
                actor=mallory, campaign_id=campaign.pk, note="Not mine", now=now
            ),
            lambda: services.retry_item(actor=mallory, item_id=item.pk, now=now),
        ):
            with pytest.raises(NotFound):
                act()


def test_a_signature_and_its_ledger_entry_are_rolled_back_together(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("the ledger is unreachable")

    campaign = _small(cast)
    with cast.at_acme("rita") as rita:
        factor = factor_for(rita, campaign, silence=True)
        monkeypatch.setattr("apps.reviews.services.finishing.ledger.record", broken)
        with pytest.raises(RuntimeError):
            services.finish_review(
                actor=rita,
                campaign_id=campaign.pk,
                factor=factor,
                now=database_now(),
                silence_is_kept=True,
            )
        campaign.refresh_from_db()
        assert (campaign.state, campaign.decisions_hash) == ("in_review", "")
        assert set(campaign.items.values_list("decision", flat=True)) == {""}


def test_only_the_acting_tenants_task_sees_the_item(cast: Cast) -> None:
    campaign = _small(cast)
    with cast.at_acme():
        item = campaign.items.first()
        assert item is not None
    with scoped(tenant_id=cast.globex.pk), database.cursor() as cursor:
        cursor.execute("select count(*) from reviews_item where id = %s", [item.pk])
        assert cursor.fetchone() == (0,)


def test_revocations_are_sent_once_the_signature_is_committed(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    campaign = _small(cast)

    def sign(rita: User) -> None:
        for item in campaign.items.filter(risk="high"):
            decided(rita, item)
        finished(rita, campaign)

    with django_capture_on_commit_callbacks() as sent, cast.at_acme("rita") as rita:
        sign(rita)
    tasks = [each for each in sent if each.__module__ == "apps.common.jobs"]
    assert len(tasks) == 2
