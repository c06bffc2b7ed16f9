"""What a review may start from, and what it freezes."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.db import transaction
from django.db.utils import DatabaseError, IntegrityError

from apps.common.clock import database_now
from apps.common.errors import Conflict, Denied, Invalid, NotFound
from apps.crm.services.rights import take_rights
from apps.ledger import selectors as ledger
from apps.reviews import selectors, services
from apps.reviews.errors import NoReviewer, SnapshotUnfit
from apps.reviews.models import Campaign, Item
from tests.cast import Cast
from tests.reviews.made_up import (
    FULL,
    SERVICE_USER,
    add_account,
    add_app,
    add_token,
    finished,
    make_connection,
    make_snapshot,
    opened,
    small_snapshot,
)


def test_everything_the_snapshot_found_becomes_an_item_with_a_reviewer(cast: Cast) -> None:
    with cast.at_acme() as alice:
        campaign = opened(alice, small_snapshot(make_connection()))
        items = list(selectors.list_items(campaign))
        assert campaign.state == "in_review"
        assert [(item.kind, item.risk) for item in items] == [
            ("token", "high"),
            ("permission_assignment", "high"),
            ("token", "low"),
        ]
        assert {item.reviewer_id for item in items} == {cast.rita.pk}
        assert items[0].risk_reason == "Its account holds Modify All Data"
        assert items[0].suggestion == "revoke"
        assert "Not used for 90 days" in items[0].suggestion_reason
        assert items[0].paths == [
            "Token of the external client app Case Summariser: scopes api, refresh_token",
            "Modify All Data through LLM Sync (legacy)",
        ]
        event = ledger.list_path_of(campaign).first()
        assert event is not None
        assert event.action == "reviews.campaign.opened"
        assert ledger.data_of(event)["items"] == 3


def test_a_truncated_snapshot_refuses_to_open_and_names_the_source(cast: Cast) -> None:
    short = {"source": "tokens", "expected": 6000, "read": 2500, "state": "incomplete", "error": ""}
    with cast.at_acme() as alice:
        connection = make_connection()
        snapshot = small_snapshot(connection, state="incomplete", sources=[*FULL, short])
        with pytest.raises(SnapshotUnfit, match="tokens: 2,500 of 6,000 were read"):
            opened(alice, snapshot)
        assert not Campaign.objects.exists()


def test_a_snapshot_that_calls_itself_complete_but_miscounts_refuses_to_open(cast: Cast) -> None:
    short = {"source": "tokens", "expected": 10, "read": 9, "state": "complete", "error": ""}
    with cast.at_acme() as alice:
        snapshot = small_snapshot(make_connection(), sources=[*FULL, short])
        with pytest.raises(SnapshotUnfit, match="tokens: 9 of 10"):
            opened(alice, snapshot)


def test_a_stale_snapshot_refuses_to_open(cast: Cast) -> None:
    with cast.at_acme() as alice:
        old = database_now() - timedelta(hours=30)
        snapshot = small_snapshot(make_connection(), taken_at=old, finished_at=old)
        with pytest.raises(SnapshotUnfit, match="30 hours old"):
            opened(alice, snapshot)


def test_an_empty_snapshot_is_nothing_to_review(cast: Cast) -> None:
    with cast.at_acme() as alice, pytest.raises(SnapshotUnfit, match="nothing to review"):
        opened(alice, make_snapshot(make_connection()))


def test_without_a_reviewer_nothing_opens(cast: Cast) -> None:
    with cast.at_acme() as alice:
        connection = make_connection()
        take_rights(
            actor=alice, connection_id=connection.pk, user_id=cast.rita.pk, now=database_now()
        )
        with pytest.raises(NoReviewer, match="Nobody may review acme-prod"):
            opened(alice, small_snapshot(connection))


def test_the_only_reviewers_own_grant_leaves_an_orphan_and_refuses(cast: Cast) -> None:
    with cast.at_acme() as alice:
        snapshot = make_snapshot(make_connection())
        add_account(snapshot, username=cast.rita.email.upper())
        add_token(snapshot, username=cast.rita.email.upper())
        with pytest.raises(NoReviewer, match="Nobody independent"):
            opened(alice, snapshot)
        assert not Campaign.objects.exists()
        assert not Item.objects.exists()


def test_only_who_may_open_reviews_opens_one(cast: Cast) -> None:
    with cast.at_acme():
        snapshot = small_snapshot(make_connection())
    for name in ("bob", "rita", "otto"):
        with cast.at_acme(name) as person, pytest.raises(Denied):
            opened(person, snapshot)


def test_another_tenants_snapshot_does_not_exist(cast: Cast) -> None:
    with cast.at_acme():
        snapshot = small_snapshot(make_connection())
    with cast.at_globex() as mallory, pytest.raises(NotFound):
        opened(mallory, snapshot)


def test_a_second_review_of_the_org_waits_for_the_first(cast: Cast) -> None:
    with cast.at_acme() as alice:
        snapshot = small_snapshot(make_connection())
        opened(alice, snapshot)
        with pytest.raises(Conflict, match="still taking decisions"):
            opened(alice, snapshot)
        assert Campaign.objects.count() == 1


@pytest.mark.parametrize("days", [-1, 0, 120])
def test_a_deadline_in_the_past_or_beyond_90_days_is_refused(cast: Cast, days: int) -> None:
    with cast.at_acme() as alice:
        snapshot = small_snapshot(make_connection())
        with pytest.raises(Invalid) as refused:
            opened(alice, snapshot, days=days)
        assert refused.value.field == "due_at"


@pytest.mark.parametrize("name", ["with\x00nul", "n" * 121, "   "])
def test_a_name_that_does_not_fit_is_refused(cast: Cast, name: str) -> None:
    with cast.at_acme() as alice:
        snapshot = small_snapshot(make_connection())
        with pytest.raises(Invalid) as refused:
            opened(alice, snapshot, name=name)
        assert refused.value.field == "name"


def test_the_review_and_its_ledger_entry_are_rolled_back_together(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("the ledger is unreachable")

    with cast.at_acme() as alice:
        snapshot = small_snapshot(make_connection())
        monkeypatch.setattr("apps.reviews.services.campaigns.ledger.record", broken)
        with pytest.raises(RuntimeError):
            opened(alice, snapshot)
        assert not Campaign.objects.exists()
        assert not Item.objects.exists()


@pytest.mark.parametrize("column", ["risk", "label", "protected", "fingerprint"])
def test_what_was_judged_cannot_be_changed_even_in_the_database(cast: Cast, column: str) -> None:
    with cast.at_acme() as alice:
        campaign = opened(alice, small_snapshot(make_connection()))
        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
            Item.objects.filter(campaign=campaign).update(**{column: "low"})
        with (
            pytest.raises(DatabaseError, match="frozen"),
            transaction.atomic(),
            database.cursor() as cursor,
        ):
            cursor.execute("delete from reviews_item")
        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
            Campaign.objects.update(due_at=database_now() + timedelta(days=80))


def test_the_database_refuses_states_it_does_not_know(cast: Cast) -> None:
    with cast.at_acme() as alice:
        campaign = opened(alice, small_snapshot(make_connection()))
        for values in ({"state": "done"}, {"state": "verifying"}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Campaign.objects.filter(pk=campaign.pk).update(**values)
        for item_values in (
            {"remediation": "vanished"},
            {"remediation": "queued"},
            {"decision": "revoke", "remediation": "verified_gone"},
            {"decision": "maybe"},
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                Item.objects.filter(campaign=campaign).update(**item_values)


def test_an_unchanged_grant_is_told_from_a_new_one(cast: Cast) -> None:
    with cast.at_acme() as alice:
        connection = make_connection()
        first = opened(alice, small_snapshot(connection))
    with cast.at_acme("rita") as rita:
        finished(rita, first)
    with cast.at_acme() as alice:
        again = small_snapshot(connection)
        add_token(again, "fresh", user_id=SERVICE_USER)
        second = opened(alice, again)
        changes = [item.change for item in second.items.order_by("position")]
        assert sorted(changes) == ["new", "unchanged", "unchanged", "unchanged"]
        assert second.items.get(change="new").handle == "fresh"


def test_unknown_is_never_low_risk(cast: Cast) -> None:
    with cast.at_acme() as alice:
        snapshot = make_snapshot(make_connection())
        add_account(snapshot)
        add_app(snapshot, scopes=None)
        add_token(snapshot)
        add_token(snapshot, "stray", app_name="Nobody Knows", use_count=None)
        items = list(opened(alice, snapshot).items.order_by("position"))
        assert [(item.risk, item.risk_reason) for item in items] == [
            ("medium", "The app's scopes are unknown"),
            ("medium", "The app is not installed in the org"),
        ]
        assert items[1].suggestion_reason == "The app is not installed in the org"


def test_personal_data_and_handles_are_sealed_at_rest(cast: Cast) -> None:
    with cast.at_acme() as alice:
        opened(alice, small_snapshot(make_connection()))
        with database.cursor() as cursor:
            cursor.execute("select i::text from reviews_item i")
            stored = " ".join(row[0] for row in cursor.fetchall())
        for plain in ("@acme.example", "idle", "busy"):
            assert plain.encode().hex() not in stored
            assert plain not in stored.replace("Not used", "")


def test_a_review_can_be_prepared_started_and_cancelled_with_a_reason(cast: Cast) -> None:
    with cast.at_acme() as alice:
        campaign = opened(alice, small_snapshot(make_connection()), start=False)
        assert campaign.state == "ready"
        now = database_now()
        services.start_review(actor=alice, campaign_id=campaign.pk, now=now)
        with pytest.raises(Invalid):
            services.cancel_review(actor=alice, campaign_id=campaign.pk, note=" ", now=now)
        ended = services.cancel_review(
            actor=alice, campaign_id=campaign.pk, note="Opened by mistake", now=now
        )
        assert ended.state == "cancelled"
        with pytest.raises(Conflict):
            services.start_review(actor=alice, campaign_id=campaign.pk, now=now)
