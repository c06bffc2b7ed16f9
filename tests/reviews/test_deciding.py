"""Who may decide what, until when, and that nothing decided is ever lost."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.db import transaction
from django.db.utils import DatabaseError

from apps.accounts.models import User
from apps.common.clock import database_now
from apps.common.errors import Denied, Invalid, NotFound
from apps.ledger import selectors as ledger
from apps.reviews import selectors, services
from apps.reviews.errors import ReviewOver
from apps.reviews.models import Campaign, Decision, Item
from apps.tenancy.roles import Role
from tests.cast import Cast, make_person
from tests.reviews.made_up import (
    add_account,
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
    """A review in progress: two items of high risk, one of low."""
    with cast.at_acme() as alice:
        return opened(alice, small_snapshot(make_connection()))


def _first(campaign: Campaign) -> Item:
    item = selectors.list_items(campaign).first()
    assert item is not None
    return item


def test_a_decision_is_kept_with_its_note_and_a_ledger_entry(
    cast: Cast, campaign: Campaign
) -> None:
    with cast.at_acme("rita") as rita:
        item = services.decide(
            actor=rita,
            item_id=_first(campaign).pk,
            decision="revoke",
            note="  Left over from the pilot.  ",
            seconds=41,
            now=database_now(),
        )
        [entry] = selectors.list_decisions(item)
        assert (entry.choice, entry.note, entry.seconds) == (
            "revoke",
            "Left over from the pilot.",
            41,
        )
        [event] = ledger.list_path_of(item)
        assert event.action == "reviews.item.decided"
        assert "pilot" not in bytes(event.body).decode()


def test_deciding_again_adds_to_the_history(cast: Cast, campaign: Campaign) -> None:
    with cast.at_acme("rita") as rita:
        item = _first(campaign)
        for choice in ("revoke", "keep", "cannot_decide"):
            decided(rita, item, choice)
        history = [entry.choice for entry in selectors.list_decisions(item)]
        assert history == ["cannot_decide", "keep", "revoke"]
        item.refresh_from_db()
        assert item.decision == "cannot_decide"


@pytest.mark.parametrize("statement", ["update {} set choice = 'keep'", "delete from {}"])
def test_the_history_is_append_only_in_the_database(
    cast: Cast, campaign: Campaign, statement: str
) -> None:
    with cast.at_acme("rita") as rita:
        decided(rita, _first(campaign))
        with pytest.raises(DatabaseError), transaction.atomic(), database.cursor() as cursor:
            cursor.execute(statement.format("reviews_decision"))
        assert Decision.objects.get().choice == "revoke"


def _second_reviewer(cast: Cast, name: str) -> User:
    suffix = cast.rita.email.split(".")[1].split("@")[0]
    return make_person(name, suffix, cast.acme, [str(Role.REVIEWER)], database_now())


def test_nobody_decides_about_their_own_grant(cast: Cast) -> None:
    _second_reviewer(cast, "rosa")
    with cast.at_acme() as alice:
        snapshot = make_snapshot(make_connection())
        add_account(snapshot, username=cast.rita.email)
        add_token(snapshot, username=cast.rita.email)
        [item] = opened(alice, snapshot).items.all()
        assert item.reviewer_id != cast.rita.pk
    with cast.at_acme("rita") as rita, pytest.raises(Denied) as refused:
        decided(rita, item)
    assert refused.value.rule == "reviewer-is-not-the-subject"


def test_an_alias_of_the_subject_cannot_decide_either(cast: Cast) -> None:
    rosa = _second_reviewer(cast, "rosa")
    with cast.at_acme("rita") as rita:
        User.objects.filter(pk=rita.pk).update(person_id=rosa.person_id)
    _second_reviewer(cast, "ruth")
    with cast.at_acme() as alice:
        snapshot = make_snapshot(make_connection())
        add_account(snapshot, username=rosa.email)
        add_token(snapshot, username=rosa.email)
        [item] = opened(alice, snapshot).items.all()
    with cast.at_acme("rita"), pytest.raises(Denied) as refused:
        decided(User.objects.get(pk=cast.rita.pk), item)
    assert refused.value.rule == "reviewer-is-not-the-subject"


@pytest.mark.parametrize("name", ["alice", "bob", "otto"])
def test_other_roles_cannot_decide(cast: Cast, campaign: Campaign, name: str) -> None:
    with cast.at_acme(name) as person:
        item = Item.objects.filter(campaign=campaign).first()
        assert item is not None
        with pytest.raises(Denied):
            decided(person, item, "keep")


def test_another_tenant_finds_nothing(cast: Cast, campaign: Campaign) -> None:
    with cast.at_acme():
        item = _first(campaign)
    with cast.at_globex() as mallory:
        with pytest.raises(NotFound):
            decided(mallory, item)
        with pytest.raises(NotFound):
            selectors.get_campaign_for(actor=mallory, campaign_id=campaign.pk)
        assert list(selectors.list_campaigns(actor=mallory)) == []


def test_a_late_decision_is_refused_whatever_the_caller_says_the_time_is(cast: Cast) -> None:
    with cast.at_acme() as alice:
        now = database_now()
        snapshot = small_snapshot(make_connection())
        campaign = services.open_campaign(
            actor=alice,
            snapshot_id=snapshot.pk,
            due_at=database_now() + timedelta(milliseconds=1500),
            now=now,
        )
        item = _first(campaign)
        with database.cursor() as cursor:
            cursor.execute("select pg_sleep(1.6)")
    with cast.at_acme("rita") as rita:
        with pytest.raises(ReviewOver, match="were due by"):
            services.decide(actor=rita, item_id=item.pk, decision="keep", now=now)
        assert not Decision.objects.exists()


def test_a_signed_review_takes_no_more_decisions(cast: Cast, campaign: Campaign) -> None:
    with cast.at_acme("rita") as rita:
        finished(rita, campaign)
        with pytest.raises(ReviewOver, match="takes no decisions"):
            decided(rita, _first(campaign))


@pytest.mark.parametrize(
    ("choice", "note", "field"),
    [
        ("revoke", "", "note"),
        ("revoke", "x", "note"),
        ("cannot_decide", "   ", "note"),
        ("keep", "with a \x00 in it", "note"),
        ("revoke", "n" * 2001, "note"),
        ("no_response", "never heard", "decision"),
        ("", "whatever", "decision"),
    ],
)
def test_a_decision_that_does_not_fit_changes_nothing(
    cast: Cast, campaign: Campaign, choice: str, note: str, field: str
) -> None:
    with cast.at_acme("rita") as rita:
        with pytest.raises(Invalid) as refused:
            services.decide(
                actor=rita,
                item_id=_first(campaign).pk,
                decision=choice,
                note=note,
                now=database_now(),
            )
        assert refused.value.field == field
        assert not Decision.objects.exists()


def test_a_decision_and_its_ledger_entry_are_rolled_back_together(
    cast: Cast, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("the ledger is unreachable")

    with cast.at_acme("rita") as rita:
        item = _first(campaign)
        monkeypatch.setattr("apps.reviews.services.deciding.ledger.record", broken)
        with pytest.raises(RuntimeError):
            decided(rita, item)
        item.refresh_from_db()
        assert (item.decision, Decision.objects.count()) == ("", 0)


def test_only_unchanged_low_risk_grants_are_kept_together(cast: Cast) -> None:
    with cast.at_acme() as alice:
        connection = make_connection()
        first = opened(alice, small_snapshot(connection))
    with cast.at_acme("rita") as rita:
        assert services.keep_unchanged(actor=rita, campaign_id=first.pk, now=database_now()) == 0
        finished(rita, first)
    with cast.at_acme() as alice:
        second = opened(alice, small_snapshot(connection))
    with cast.at_acme("rita") as rita:
        assert services.keep_unchanged(actor=rita, campaign_id=second.pk, now=database_now()) == 1
        [kept] = second.items.filter(decision="keep")
        assert (kept.risk, kept.change) == ("low", "unchanged")
        assert kept.decisions.get().batch_id is not None
