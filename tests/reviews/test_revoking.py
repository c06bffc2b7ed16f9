"""From a signature to a proof: against a real org that answers over HTTPS, and may lie."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import DatabaseError

from apps.common.clock import database_now
from apps.common.errors import Conflict
from apps.crm.models import Connection
from apps.crm.session import open_org
from apps.ledger import selectors as ledger
from apps.reviews import selectors, services, tasks
from apps.reviews.models import Campaign, Item
from apps.reviews.services.remediation import requeue_stalled
from tests.cast import Cast
from tests.fakes.sandbox import RunningSandbox
from tests.reviews.made_up import (
    add_account,
    add_app,
    add_assignment,
    add_token,
    decided,
    finished,
    make_connection,
    make_snapshot,
    opened,
)

REVOKE = "/services/oauth2/revoke"
LEGACY = "LLM_Sync_Legacy"


@dataclass
class Live:
    """A review of the sandbox org: all tokens of one app and one permission set of svc-llm-sync."""

    cast: Cast
    sandbox: RunningSandbox
    connection: Connection
    campaign: Campaign

    def ask(self, soql: str) -> list[dict[str, Any]]:
        with open_org(tenant_id=self.cast.acme.pk, connection_id=self.connection.pk) as org:
            return list(org.query(soql))

    def item(self, kind: str = "token") -> Item:
        with self.cast.at_acme():
            found: Item = self.campaign.items.filter(kind=kind).order_by("position")[0]
            assert found.handle  # opened here: there is no key outside a scope
            return found

    def sign(self, *items: Item) -> Campaign:
        """Revoke these items, leave the others unanswered, and sign."""
        with self.cast.at_acme("rita") as rita:
            for item in items:
                decided(rita, item)
            return finished(rita, self.campaign)

    def carry_out(self, item: Item) -> Item:
        tasks.carry_out(tenant_id=str(self.cast.acme.pk), item_id=str(item.pk))
        return self.now(item)

    def verify(self, item: Item) -> Item:
        tasks.verify(tenant_id=str(self.cast.acme.pk), item_id=str(item.pk))
        return self.now(item)

    def now(self, item: Item) -> Item:
        with self.cast.at_acme():
            self.campaign.refresh_from_db()
            found: Item = Item.objects.select_related("campaign").get(pk=item.pk)
            assert found.handle
            return found

    def tokens(self) -> set[str]:
        rows = self.ask("SELECT DeleteToken FROM OauthToken WHERE AppName = 'Case Summariser'")
        return {row["DeleteToken"] for row in rows}

    def assignments(self) -> set[str]:
        rows = self.ask(
            "SELECT Id FROM PermissionSetAssignment WHERE PermissionSet.Name = 'LLM_Sync_Legacy'"
        )
        return {row["Id"] for row in rows}


@pytest.fixture
def live(cast: Cast, sandbox: RunningSandbox) -> Live:
    with cast.at_acme():
        connection = make_connection(sandbox)
    with open_org(tenant_id=cast.acme.pk, connection_id=connection.pk) as org:
        [user] = org.query("SELECT Id, Username FROM User WHERE Alias = 'svc-llm-'") or [None]
    return _opened(cast, sandbox, connection, user)


def _opened(cast: Cast, sandbox: RunningSandbox, connection: Connection, user: Any) -> Live:
    with open_org(tenant_id=cast.acme.pk, connection_id=connection.pk) as org:
        where = f"WHERE UserId = '{user['Id']}' AND AppName = 'Case Summariser'"
        tokens = list(org.query(f"SELECT DeleteToken FROM OauthToken {where}"))
        [legacy] = org.query(
            "SELECT Id, PermissionSetId FROM PermissionSetAssignment"
            f" WHERE AssigneeId = '{user['Id']}' AND PermissionSet.Name = '{LEGACY}'"
        )
    with cast.at_acme() as alice:
        snapshot = make_snapshot(connection)
        account = add_account(snapshot, user["Id"], username=user["Username"])
        add_account(snapshot, "005Ma00000000099")
        add_app(snapshot)
        for row in tokens:
            add_token(snapshot, row["DeleteToken"], user_id=user["Id"], username=user["Username"])
        add_assignment(
            snapshot,
            account,
            assignment_id=legacy["Id"],
            permission_set_id=legacy["PermissionSetId"],
        )
        return Live(cast, sandbox, connection, opened(alice, snapshot))


def test_a_revoked_token_is_really_gone_and_proven_only_by_a_later_read(live: Live) -> None:
    item = live.item()
    assert live.sign(item).state == "remediating"
    before = live.tokens()
    item = live.carry_out(item)
    assert (item.remediation, item.verified_at) == ("executed", None)
    assert live.campaign.state == "verifying"
    assert before - live.tokens() == {item.handle}
    item = live.verify(item)
    assert item.remediation == "verified_gone"
    assert item.read_requests
    assert set(item.read_requests).isdisjoint(item.call_requests)
    assert live.campaign.state == "closed"
    with live.cast.at_acme():
        actions = [event.action for event in ledger.list_path_of(item)]
        proof = ledger.data_of(list(ledger.list_path_of(item))[-1])
    assert actions == [
        "reviews.item.decided",
        "reviews.item.revocation_sent",
        "reviews.item.revocation_executed",
        "reviews.item.proven_gone",
    ]
    assert proof["requests"] == item.read_requests


def test_a_permission_set_assignment_is_really_removed(live: Live) -> None:
    item = live.item("permission_assignment")
    live.sign(item)
    assert live.assignments()
    assert live.carry_out(item).remediation == "executed"
    assert not live.assignments()
    assert live.verify(item).remediation == "verified_gone"
    assert live.campaign.state == "closed"


def test_an_org_that_says_yes_but_keeps_the_token_never_counts_as_revoked(live: Live) -> None:
    live.sandbox.fault("html_ok", when="always", path=REVOKE)
    item = live.item()
    live.sign(item)
    item = live.carry_out(item)
    assert item.remediation == "executed"
    for read in range(1, 5):
        item = live.verify(item)
        assert (item.remediation, item.reads) == ("executed", read)
        assert item.remediation_code == "still_present"
        assert live.campaign.state == "verifying"
    with live.cast.at_acme() as alice:
        with pytest.raises(Conflict, match="still under way"):
            services.close_with_exceptions(
                actor=alice, campaign_id=live.campaign.pk, note="Tired of it", now=database_now()
            )
        for state in ("closed", "closed_with_exceptions"):
            with pytest.raises(DatabaseError, match="revocation"), transaction.atomic():
                Campaign.objects.filter(pk=live.campaign.pk).update(state=state)
    item = live.verify(item)
    assert (item.remediation, item.remediation_code) == ("failed", "still_present")
    assert item.verified_at is None
    assert item.handle in live.tokens()
    assert live.campaign.state == "verifying"


def test_a_failed_revocation_can_be_tried_again_and_then_be_proven(live: Live) -> None:
    live.sandbox.fault("html_ok", when="always", path=REVOKE)
    item = live.item()
    live.sign(item)
    live.carry_out(item)
    for _ in range(5):
        live.verify(item)
    live.sandbox.clear_faults()
    with live.cast.at_acme("rita") as rita:
        services.retry_item(actor=rita, item_id=item.pk, now=database_now())
        with pytest.raises(Conflict):
            services.retry_item(actor=rita, item_id=item.pk, now=database_now())
    assert live.carry_out(item).remediation == "executed"
    assert live.verify(item).remediation == "verified_gone"
    assert live.campaign.state == "closed"


def test_a_read_that_is_cut_short_proves_nothing(live: Live) -> None:
    item = live.item()
    live.sign(item)
    live.carry_out(item)
    live.sandbox.fault("truncated_tokens", when="always")
    item = live.verify(item)
    assert (item.remediation, item.remediation_code) == ("executed", "read_incomplete")
    live.sandbox.clear_faults()
    assert live.verify(item).remediation == "verified_gone"


def test_a_grant_that_went_before_us_is_missing_and_not_a_success(live: Live) -> None:
    item = live.item("permission_assignment")
    live.sign(item)
    with open_org(tenant_id=live.cast.acme.pk, connection_id=live.connection.pk) as org:
        org.delete("PermissionSetAssignment", item.handle)
    item = live.carry_out(item)
    assert item.remediation == "object_missing"
    assert item.executed_at is None
    assert live.campaign.state == "verifying"
    with live.cast.at_acme() as alice:
        ended = services.close_with_exceptions(
            actor=alice,
            campaign_id=live.campaign.pk,
            note="IT removed it the same morning.",
            now=database_now(),
        )
        assert ended.state == "closed_with_exceptions"


def test_the_same_access_granted_anew_is_not_gone(live: Live) -> None:
    item = live.item("permission_assignment")
    live.sign(item)
    live.carry_out(item)
    with open_org(tenant_id=live.cast.acme.pk, connection_id=live.connection.pk) as org:
        org.create(
            "PermissionSetAssignment",
            {"AssigneeId": item.subject_ref, "PermissionSetId": item.target_ref},
        )
    assert live.verify(item).remediation == "reappeared"
    assert live.campaign.state == "verifying"


def test_an_org_that_refuses_leaves_the_item_failed_with_its_words(live: Live) -> None:
    item = live.item("permission_assignment")
    live.sign(item)
    live.sandbox.fault("insufficient_access", when="always", path="/sobjects/PermissionSet")
    item = live.carry_out(item)
    assert item.remediation == "failed"
    assert item.remediation_code.startswith("crm_")
    assert item.remediation_words
    assert live.assignments()


def test_an_org_that_is_down_is_tried_again_a_bounded_number_of_times(live: Live) -> None:
    item = live.item()
    live.sign(item)
    live.sandbox.fault("server_unavailable", when="always", path=REVOKE)
    for call in range(1, 4):
        item = live.carry_out(item)
        assert (item.remediation, item.calls) == ("queued", call)
    assert live.carry_out(item).remediation == "failed"
    assert live.carry_out(item).calls == 4


def test_a_worker_that_died_after_the_call_is_not_mistaken_for_somebody_else(live: Live) -> None:
    item = live.item()
    live.sign(item)
    with live.cast.at_acme():
        Item.objects.filter(pk=item.pk).update(called_at=database_now())
    with open_org(tenant_id=live.cast.acme.pk, connection_id=live.connection.pk) as org:
        org.revoke_token(item.handle)
    assert live.carry_out(item).remediation == "executed"
    assert live.verify(item).remediation == "verified_gone"


def test_a_task_delivered_twice_acts_once(live: Live) -> None:
    item = live.item()
    live.sign(item)
    first, second = live.carry_out(item), live.carry_out(item)
    assert first.executed_at == second.executed_at
    live.verify(item)
    assert live.verify(item).reads == 1


def test_an_item_another_worker_holds_is_left_alone(live: Live) -> None:
    item = live.item()
    live.sign(item)
    with live.cast.at_acme():
        later = database_now() + timedelta(minutes=3)
        Item.objects.filter(pk=item.pk).update(claimed_until=later)
    assert live.carry_out(item).remediation == "queued"
    assert item.handle in live.tokens()


def test_a_step_that_never_ends_is_given_up(live: Live) -> None:
    item = live.item()
    live.sign(item)
    with live.cast.at_acme():
        Item.objects.filter(pk=item.pk).update(calls=4)
    item = live.carry_out(item)
    assert (item.remediation, item.remediation_code) == ("failed", "gave_up")
    assert live.campaign.state == "verifying"


def test_what_a_lost_broker_left_lying_is_sent_again(
    live: Live, django_capture_on_commit_callbacks: Any
) -> None:
    item = live.item()
    live.sign(item)
    with django_capture_on_commit_callbacks() as sent:
        tasks.sweep(tenant_id=str(live.cast.acme.pk))
    assert sent == []
    later = database_now() + timedelta(hours=1)
    with django_capture_on_commit_callbacks() as sent, live.cast.at_acme():
        assert requeue_stalled(now=later) == 1
    assert len(sent) == 1


def test_an_id_that_no_record_can_have_is_never_asked_for(
    cast: Cast, sandbox: RunningSandbox
) -> None:
    with cast.at_acme() as alice:
        snapshot = make_snapshot(make_connection(sandbox))
        add_account(snapshot, "005' OR Name != '")
        add_account(snapshot)
        add_token(snapshot, user_id="005' OR Name != '")
        campaign = opened(alice, snapshot)
        [item] = campaign.items.all()
    with cast.at_acme("rita") as rita:
        decided(rita, item)
        finished(rita, campaign)
    tasks.carry_out(tenant_id=str(cast.acme.pk), item_id=str(item.pk))
    with cast.at_acme():
        item.refresh_from_db()
        assert (item.remediation, item.remediation_code) == ("failed", "unusable_id")


def test_the_consoles_own_access_is_withheld(cast: Cast, sandbox: RunningSandbox) -> None:
    with cast.at_acme() as alice:
        connection = make_connection(sandbox)
        snapshot = make_snapshot(connection)
        add_account(snapshot, username=sandbox.info["username"].upper())
        add_account(snapshot, "005Ma00000000099")
        add_token(snapshot, username=sandbox.info["username"].upper())
        campaign = opened(alice, snapshot)
        [item] = campaign.items.all()
    with cast.at_acme("rita") as rita:
        decided(rita, item)
        preview = selectors.preview_finish(campaign)
        assert (preview.revoke, preview.withheld) == ([], [item])
        assert finished(rita, campaign).state == "verifying"
        item.refresh_from_db()
        assert (item.remediation, "console itself" in item.protected) == ("withheld", True)
    tasks.carry_out(tenant_id=str(cast.acme.pk), item_id=str(item.pk))
    with cast.at_acme():
        item.refresh_from_db()
        assert (item.remediation, item.calls) == ("withheld", 0)


def test_the_last_integration_user_is_withheld(cast: Cast) -> None:
    with cast.at_acme() as alice:
        snapshot = make_snapshot(make_connection())
        account = add_account(snapshot)
        add_assignment(snapshot, account)
        [item] = opened(alice, snapshot).items.all()
        assert item.protected == "This is the org's last active integration user."
