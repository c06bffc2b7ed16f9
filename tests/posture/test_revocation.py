"""Access ended in one act: previewed, confirmed, resumed after a crash, and proven by a read."""

from datetime import timedelta

import pytest
from django.urls import reverse

from apps.accounts import services as accounts
from apps.accounts.errors import FactorRefused
from apps.common.clock import database_now
from apps.common.errors import Conflict, Denied, NotFound
from apps.crm.models import Connection, Snapshot, SnapshotAccount, SnapshotApp
from apps.ledger import selectors as ledger
from apps.posture.models import Finding, Revocation, RevokedGrant
from apps.posture.revocations import reading, running, steps
from apps.posture.revocations.planning import Plan, plan_for_account, plan_for_app
from apps.posture.scopes import kinds, looking
from tests.cast import Cast, code_for
from tests.crm.test_pages import text_of
from tests.crm.test_snapshots import take
from tests.fakes.sandbox import RunningSandbox

pytestmark = pytest.mark.django_db
APP = "Contract Copilot"


@pytest.fixture
def snapshot(cast: Cast, connection: Connection) -> Snapshot:
    return take(cast, connection)


def app_plan(snapshot: Snapshot) -> Plan:
    rows = SnapshotApp.objects.select_related("snapshot__connection")
    return plan_for_app(rows.get(snapshot=snapshot, label=APP))


def account_plan(snapshot: Snapshot, **which: bool) -> Plan:
    """Of an account that holds a permission set which may be taken away."""
    rows = SnapshotAccount.objects.select_related("snapshot__connection").filter(snapshot=snapshot)
    rows = rows.filter(**which)
    plans = [plan_for_account(row) for row in rows.order_by("org_user_id")]
    return next(plan for plan in plans if plan.assignments and plan.tokens)


def begin(cast: Cast, plan: Plan, *, subject: str = "") -> Revocation:
    with cast.at_acme() as alice:
        now = database_now()
        factor = accounts.prove(
            user=alice, code=code_for(alice), decision=steps.DECISION,
            subject=subject or plan.content_hash, now=now,
        )  # fmt: skip
        return steps.begin_revocation(actor=alice, plan=plan, factor=factor, now=now)


def run(cast: Cast, begun: Revocation) -> Revocation:
    running.run_revocation(tenant_id=cast.acme.pk, revocation_id=begun.pk)
    with cast.at_acme():
        found: Revocation = Revocation.objects.get(pk=begun.pk)
        return found


def plan_of(cast: Cast, snapshot: Snapshot) -> Plan:
    with cast.at_acme():
        return app_plan(snapshot)


def test_everything_of_an_account_ends_and_is_proven_by_a_read(
    cast: Cast, connection: Connection, snapshot: Snapshot
) -> None:
    with cast.at_acme():
        plan = account_plan(snapshot)
    begun = begin(cast, plan)
    ended = run(cast, begun)
    assert (ended.state, ended.note) == ("verified", "")
    later = take(cast, connection)
    with cast.at_acme():
        assert reading.counts_of(ended) == {"gone": len(plan.grants)}
        actions = [event.action for event in ledger.list_path_of(ended)]
        assert actions == ["posture.revocation.begun", "posture.revocation.verified"]
        held = later.assignments.filter(account__org_user_id=plan.target_ref)
        assert not held.filter(owned_by_profile=False).exists()
        assert not later.tokens.filter(user_id=plan.target_ref).exists()


def test_permission_sets_end_by_one_request_and_one_held_locked_is_asked_again(
    cast: Cast, sandbox: RunningSandbox, snapshot: Snapshot
) -> None:
    with cast.at_acme():
        plan = account_plan(snapshot, is_integration=True)
    assert len(plan.assignments) > 1
    begun = begin(cast, plan)
    sandbox.fault("lock_collection_row", path="/composite/sobjects")
    ended = run(cast, begun)
    assert (ended.state, ended.note) == ("verified", "")
    with cast.at_acme():
        calls = ended.grants.filter(kind="permission_assignment").values_list("calls", flat=True)
        assert sorted(calls) == [*[1] * (len(plan.assignments) - 1), 2]


def test_a_worker_that_dies_half_way_is_taken_over(
    cast: Cast, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = begin(cast, plan_of(cast, snapshot))
    real, asked = running._end_token, []

    def dies(org: object, call: steps.Call) -> tuple[str, str]:
        asked.append(call)
        told = real(org, call)  # type: ignore[arg-type]
        if len(asked) == 3:
            raise SystemExit("killed")
        return told

    monkeypatch.setattr(running, "_end_token", dies)
    with pytest.raises(SystemExit):
        run(cast, begun)
    monkeypatch.undo()
    assert run(cast, begun).state == "running"  # still claimed by the dead one
    with cast.at_acme():
        past = database_now() - timedelta(seconds=1)
        Revocation.objects.filter(pk=begun.pk).update(claimed_until=past)
        assert steps.requeue_lost(now=database_now()) == 1
    ended = run(cast, begun)
    assert (ended.state, ended.note) == ("verified", "")
    with cast.at_acme():
        assert set(reading.counts_of(ended)) == {"gone"}


def test_the_orgs_yes_is_no_proof_while_a_read_still_shows_the_grant(
    cast: Cast, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = begin(cast, plan_of(cast, snapshot))
    monkeypatch.setattr(
        running, "_end_token", lambda org, call: (RevokedGrant.State.EXECUTED, "said yes")
    )
    for _ in range(steps.MOST_CALLS):
        ended = run(cast, begun)
    assert ended.state == "exceptions"
    assert "could not be revoked" in ended.note
    with cast.at_acme():
        assert set(reading.counts_of(ended)) == {"failed"}


def test_access_that_was_given_again_is_told_and_not_called_proven(
    cast: Cast, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = begin(cast, plan_of(cast, snapshot))
    real = running._tokens_now
    monkeypatch.setattr(
        running, "_tokens_now", lambda org, claimed: real(org, claimed) | {"cd" * 32}
    )
    ended = run(cast, begun)
    assert (ended.state, ended.note) == (
        "exceptions", "1 were given since the snapshot and still stand.",
    )  # fmt: skip


def test_a_short_read_proves_nothing_and_is_tried_again(
    cast: Cast, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = begin(cast, plan_of(cast, snapshot))

    def short(org: object, source: object) -> None:
        source.state, source.error = "incomplete", "The org counts 9, but listed 8."  # type: ignore[attr-defined]

    monkeypatch.setattr(running, "read_tokens", short)
    waiting = run(cast, begun)
    assert (waiting.state, waiting.note) == ("verifying", "The org counts 9, but listed 8.")
    monkeypatch.undo()
    assert run(cast, begun).state == "verified"


def test_who_may_not_and_what_does_not_fit_changes_nothing(
    cast: Cast, connection: Connection, snapshot: Snapshot
) -> None:
    plan = plan_of(cast, snapshot)
    with pytest.raises(FactorRefused):
        begin(cast, plan, subject="ab" * 32)
    with cast.at_acme() as alice:
        factor = accounts.prove(
            user=alice, code=code_for(alice), decision=steps.DECISION,
            subject=plan.content_hash, now=database_now(),
        )  # fmt: skip
    with cast.at_acme("bob") as bob, pytest.raises(Denied):
        steps.begin_revocation(actor=bob, plan=plan, factor=factor, now=database_now())
    with cast.at_globex() as mallory, pytest.raises(NotFound):
        steps.begin_revocation(actor=mallory, plan=plan, factor=factor, now=database_now())
    take(cast, connection)
    with cast.at_acme() as alice, pytest.raises(Conflict):
        steps.begin_revocation(actor=alice, plan=plan, factor=factor, now=database_now())
    with cast.at_acme():
        assert not Revocation.objects.exists()


def test_the_pages_preview_confirm_and_prove(cast: Cast, snapshot: Snapshot) -> None:
    alice = cast.client("alice")
    with cast.at_acme():
        plan = account_plan(snapshot)
        row = snapshot.accounts.get(org_user_id=plan.target_ref)
    listed = text_of(alice.get(reverse("posture:service-accounts")))
    assert "service accounts of acme-prod hold far-reaching permissions" in listed
    assert alice.get(reverse("posture:service-account", args=[row.pk])).status_code == 200
    xml = alice.get(reverse("posture:proposed-set", args=[row.pk])).content
    assert b"No event logs" in xml
    address = reverse("posture:revoke-account", args=[row.pk])
    assert "Nothing has happened yet" in text_of(alice.get(address))
    done = alice.post(address, {"code": code_for(cast.alice)})
    assert done.status_code == 302
    assert "You can close this page" in text_of(alice.get(done["Location"]))
    with cast.at_acme():
        begun = Revocation.objects.get()
    run(cast, begun)
    assert "Proven: a complete read" in text_of(alice.get(done["Location"]))


def test_access_that_a_later_snapshot_shows_again_is_told_at_the_grant_and_as_a_finding(
    cast: Cast, connection: Connection, snapshot: Snapshot, sandbox: RunningSandbox
) -> None:
    with cast.at_acme():
        plan = account_plan(snapshot, is_integration=True)
        held = next(each for each in plan.assignments if each.target_ref.startswith("0PS"))
    ended = run(cast, begin(cast, plan))
    clean = take(cast, connection)
    again = {
        "AssigneeId": plan.target_ref,
        "PermissionSetId": held.target_ref,
        "IsActive": True,
    }
    sandbox.seed(records={"PermissionSetAssignment": [again]})
    later = take(cast, connection)
    with cast.at_acme():
        looking.judge_snapshot(clean, now=database_now())
        assert not Finding.objects.filter(kind=kinds.REAPPEARED).exists()
        looking.judge_snapshot(later, now=database_now())
        looking.judge_snapshot(later, now=database_now())  # told once
        assert reading.counts_of(ended)["reappeared"] == 1
        found = Finding.objects.get(kind=kinds.REAPPEARED)
        assert (found.level, found.detail["permission_sets"]) == ("error", 1)
        assert [e.action for e in ledger.list_path_of(ended)][-1] == "posture.revocation.undone"
    shown = text_of(cast.client("alice").get(reverse("posture:revocation", args=[ended.pk])))
    assert "Since then 1 of them is there again" in shown


def test_tokens_behind_the_listings_end_are_ended_and_proven_gone(
    cast: Cast, connection: Connection, sandbox: RunningSandbox
) -> None:
    sandbox.seed(tokens=2600)  # of another app, and older ones than those of ours
    sandbox.seed(tokens=5, app=APP)
    snapshot = take(cast, connection)
    plan = plan_of(cast, snapshot)
    ended = run(cast, begin(cast, plan))
    assert (ended.state, ended.note) == ("verified", "")
    with cast.at_acme():
        assert reading.counts_of(ended) == {"gone": plan.tokens}


@pytest.mark.soak
def test_six_thousand_tokens_end_in_one_act(
    cast: Cast, connection: Connection, sandbox: RunningSandbox
) -> None:
    sandbox.seed(tokens=6000, app=APP)
    plan = plan_of(cast, take(cast, connection))
    assert plan.tokens + len(plan.kept) >= 6000  # the console's own stay
    ended = run(cast, begin(cast, plan))
    assert ended.state == "verified", ended.note
    with cast.at_acme():
        assert reading.counts_of(ended) == {"gone": plan.tokens}
