"""A snapshot judged once: drift, open doors, strangers and far-reaching accounts as findings."""

from datetime import timedelta

import pytest
from django.urls import reverse

from apps.common.clock import database_now
from apps.crm.models import Connection, Snapshot
from apps.posture.findings import handling
from apps.posture.models import Finding, ScopeBaseline
from apps.posture.scopes import looking
from apps.posture.scopes.seeing import accounts_of
from tests.cast import Cast
from tests.reviews import made_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def org(cast: Cast) -> Connection:
    with cast.at_acme():
        return made_up.make_connection()


def approve(snapshot: Snapshot, cast: Cast, scopes: list[str]) -> None:
    app = snapshot.apps.get(label="Case Summariser")
    ScopeBaseline.objects.create(
        connection=snapshot.connection, app_key=app.app_key, app_label=app.label, scopes=scopes,
        content_hash="ab" * 32, approved_by=cast.alice, approved_at=database_now(),
        snapshot=snapshot,
    )  # fmt: skip


def found(kind: str) -> list[Finding]:
    return list(Finding.objects.filter(kind=kind).order_by("subject"))


def test_drift_open_addresses_tools_and_strangers_become_findings_once(
    cast: Cast, org: Connection
) -> None:
    with cast.at_acme():
        snapshot = made_up.small_snapshot(org)
        approve(snapshot, cast, ["api"])
        made_up.add_app(
            snapshot, "Heroku Connect", org_app_id="0xI000000000002", ip_relaxation="Bypass"
        )
        made_up.add_app(snapshot, "Old App", org_app_id="0H4000000000001", scopes=None)
        made_up.add_token(snapshot, "odd", app_name="Nobody's Tool")
        assert looking.look_at_new(now=database_now()) == 1
        assert looking.look_at_new(now=database_now()) == 0  # judged already
        [drift] = found("scopes.beyond-approved")
        assert drift.title == "Case Summariser holds refresh_token beyond approval"
        assert drift.observed_until == snapshot.taken_at
        assert len(found("scopes.any-address")) == len(found("scopes.integration-tool")) == 1
        [unknown] = found("scopes.unknown")
        assert unknown.detail == {"apps": ["Old App"]}
        [stranger] = found("scopes.app-not-in-inventory")
        assert "Nobody's Tool" in stranger.title


def test_each_far_reaching_permission_is_told_with_every_path_to_it(
    cast: Cast, org: Connection
) -> None:
    with cast.at_acme():
        snapshot = made_up.make_snapshot(org)
        account = made_up.add_account(snapshot, profile="Integration")
        made_up.add_assignment(snapshot, account, assignment_id="0Pa1", label="Legacy")
        made_up.add_assignment(
            snapshot, account, assignment_id="0Pa2", label="Everything", via_group_id="0PG1"
        )
        made_up.add_assignment(
            snapshot, account, assignment_id="0Pa3", owned_by_profile=True,
            dangerous=["View All Data"],
        )  # fmt: skip
        made_up.add_assignment(
            snapshot, account, assignment_id="0Pa4", label="Unreadable", dangerous=None
        )
        looking.judge_snapshot(snapshot, now=database_now())
        worst, second = found("accounts.dangerous-permission")
        assert worst.level == "error" and second.level == "warning"
        assert worst.detail["held_through"] == [
            "permission set Legacy", "permission set group Everything",
        ]  # fmt: skip
        assert second.detail["held_through"] == ["profile Integration"]
        [unread] = found("accounts.permissions-unknown")
        assert unread.detail == {"not_read": ["permission set Unreadable"]}
        [shown] = accounts_of(snapshot)
        assert shown.tone == "danger" and "unknown" in shown.words


def test_only_a_complete_later_snapshot_proves_that_something_is_gone(
    cast: Cast, org: Connection
) -> None:
    with cast.at_acme() as alice:
        first = made_up.make_snapshot(org)
        account = made_up.add_account(first)
        made_up.add_assignment(first, account)
        looking.judge_snapshot(first, now=database_now())
        [held] = found("accounts.dangerous-permission")
        said = handling.say_fixed(actor=alice, finding_id=held.pk, now=database_now())
        looking.judge_snapshot(first, now=database_now())  # an old look tells nothing new
        assert [each.state for each in found("accounts.dangerous-permission")] == ["fixed"]
        later = (said.fixed_at or database_now()) + timedelta(seconds=1)
        partly = made_up.make_snapshot(org, state="incomplete", taken_at=later)
        looking.judge_snapshot(partly, now=later)
        assert [each.state for each in found("accounts.dangerous-permission")] == ["fixed"]
        whole = made_up.make_snapshot(org, taken_at=later + timedelta(seconds=1))
        looking.judge_snapshot(whole, now=later + timedelta(seconds=2))
        assert [each.state for each in found("accounts.dangerous-permission")] == ["verified"]


def test_pages_name_the_account_that_a_finding_keeps_by_its_id(cast: Cast, org: Connection) -> None:
    with cast.at_acme():
        snapshot = made_up.make_snapshot(org)
        account = made_up.add_account(snapshot, username="svc-sync@acme.example")
        made_up.add_assignment(snapshot, account)
        looking.judge_snapshot(snapshot, now=database_now())
        [held] = found("accounts.dangerous-permission")
    assert "svc-sync" not in held.title  # the name rests sealed
    alice, wanted = cast.client("alice"), "svc-sync@acme.example holds Modify All Data"
    listed = alice.get(reverse("posture:findings")).content.decode()
    one = alice.get(reverse("posture:finding", args=[held.pk])).content.decode()
    assert wanted in listed and wanted in one
    assert reverse("posture:service-account", args=[account.pk]) in one


def test_another_tenants_snapshots_are_not_judged_here(cast: Cast, org: Connection) -> None:
    with cast.at_acme():
        made_up.small_snapshot(org)
    with cast.at_globex():
        assert looking.look_at_new(now=database_now()) == 0
