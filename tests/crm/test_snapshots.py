"""Snapshots: everything read and counted, or incomplete with the source named."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from apps.common.clock import database_now
from apps.common.errors import Conflict, Denied, NotFound
from apps.common.scope import scoped
from apps.crm import selectors, services, tasks
from apps.crm.models import (
    Connection,
    Snapshot,
    SnapshotAccount,
    SnapshotApp,
    SnapshotAssignment,
    SnapshotToken,
)
from apps.crm.services import snapshots
from apps.ledger import selectors as ledger
from tests.cast import Cast
from tests.crm import orgs
from tests.fakes.sandbox import RunningSandbox

pytestmark = pytest.mark.django_db


def take(cast: Cast, connection: Connection) -> Snapshot:
    with cast.at_acme("bob") as bob:
        asked = services.take_snapshot(actor=bob, connection_id=connection.pk, now=database_now())
    tasks.read_snapshot(tenant_id=str(cast.acme.pk), snapshot_id=str(asked.pk))
    with cast.at_acme():
        found: Snapshot = Snapshot.objects.get(pk=asked.pk)
        return found


@pytest.fixture
def connection(cast: Cast, sandbox: RunningSandbox) -> Connection:
    return orgs.check(cast, orgs.connect(cast, sandbox))


def test_a_snapshot_holds_apps_tokens_accounts_and_rights(
    cast: Cast, sandbox: RunningSandbox, connection: Connection
) -> None:
    snapshot = take(cast, connection)
    assert snapshot.state == "complete", snapshot.sources
    assert len(snapshot.content_hash) == 64
    told = {each["source"]: each for each in snapshot.sources}
    assert all(each["state"] == "complete" for each in told.values())
    with cast.at_acme():
        copilot = SnapshotApp.objects.get(snapshot=snapshot, label="Contract Copilot")
        assert copilot.scopes == sorted(
            ["api", "full", "refresh_token", "offline_access", "einstein_gpt_api"]
        )
        assert copilot.token_count == 9
        loader = SnapshotApp.objects.get(snapshot=snapshot, label="Data Loader")
        assert loader.scopes == ["api", "refresh_token", "web"]  # of its metadata
        assert (loader.ip_relaxation, loader.refresh_policy) == (
            "Enforce",
            "SpecificLifetime: 30 days",
        )
        tokens = SnapshotToken.objects.filter(snapshot=snapshot)
        assert tokens.count() == told["OauthToken"]["expected"]
        assert all(token.username for token in tokens)
        sync = next(
            account
            for account in SnapshotAccount.objects.filter(snapshot=snapshot)
            if account.username.startswith("svc-llm-sync@")
        )
        assert sync.is_integration
        held = SnapshotAssignment.objects.filter(account=sync)
        by_name = {each.permission_set_name: each.dangerous for each in held}
        assert by_name["LLM_Sync_Legacy"] == ["Modify All Data", "View All Data"]
        assert "Service_AI" in by_name  # through the group
        assert selectors.latest_snapshot(connection) == snapshot
        path = list(ledger.list_path_of(snapshot))
        called = ledger.list_events(action="crm.org.called").latest("at")
    assert [event.action for event in path] == ["crm.snapshot.requested", "crm.snapshot.completed"]
    requests = ledger.data_of(path[-1])["requests"]
    assert len(requests) > len(told) and requests == ledger.data_of(called)["requests"]


def test_values_of_tokens_are_not_in_the_database(
    cast: Cast, sandbox: RunningSandbox, connection: Connection
) -> None:
    snapshot = take(cast, connection)
    with cast.at_acme():
        names = {field.name for field in SnapshotToken._meta.get_fields()}
        assert not names & {"access_token", "request_token"}
        token = SnapshotToken.objects.filter(snapshot=snapshot)[0]
        assert len(token.token_ref) == 40
        assert token.token_ref != token.token_digest


def test_more_tokens_than_a_listing_holds_are_all_read(
    cast: Cast, sandbox: RunningSandbox, connection: Connection
) -> None:
    sandbox.seed(tokens=6000)
    snapshot = take(cast, connection)
    tokens = next(each for each in snapshot.sources if each["source"] == "OauthToken")
    assert tokens["state"] == "complete", tokens
    assert tokens["read"] == tokens["expected"] > 6000
    with cast.at_acme():
        assert SnapshotToken.objects.filter(snapshot=snapshot).count() == tokens["read"]


def test_many_tokens_of_one_instant_are_all_read(
    cast: Cast, sandbox: RunningSandbox, connection: Connection
) -> None:
    rows = [
        {
            "AppName": "Heroku Sync",
            "UserId": "",
            "DeleteToken": f"{number:040d}",
            "CreatedDate": "2026-03-01T08:00:00.000+0000",
            "UseCount": 1,
        }
        for number in range(6000)
    ]
    user = sandbox.admin("GET", "state") and _a_user(cast, connection)
    for row in rows:
        row["UserId"] = user
    sandbox.seed(records={"OauthToken": rows})
    snapshot = take(cast, connection)
    tokens = next(each for each in snapshot.sources if each["source"] == "OauthToken")
    assert tokens["state"] == "complete", tokens


def _a_user(cast: Cast, connection: Connection) -> str:
    from apps.crm.session import open_org

    with open_org(tenant_id=cast.acme.pk, connection_id=connection.pk) as org:
        return str(next(org.query("SELECT Id FROM User LIMIT 1"))["Id"])


def test_a_truncated_token_listing_leaves_the_snapshot_incomplete(
    cast: Cast, sandbox: RunningSandbox, connection: Connection
) -> None:
    sandbox.fault("truncated_tokens", when="always")
    snapshot = take(cast, connection)
    assert snapshot.state == "incomplete"
    tokens = next(each for each in snapshot.sources if each["source"] == "OauthToken")
    assert tokens["state"] == "incomplete"
    assert "counts" in tokens["error"]
    assert "oauth tokens" in snapshot.error
    with cast.at_acme():
        actions = [event.action for event in ledger.list_path_of(snapshot)]
    assert actions[-1] == "crm.snapshot.left_incomplete"


def test_an_org_that_refuses_metadata_leaves_scopes_of_connected_apps_unknown(
    cast: Cast, sandbox: RunningSandbox, connection: Connection
) -> None:
    sandbox.fault("insufficient_access", when="always", path="/tooling/composite")
    snapshot = take(cast, connection)
    assert snapshot.state == "complete"
    with cast.at_acme():
        apps = SnapshotApp.objects.filter(snapshot=snapshot, kind="connected_app")
        assert apps and all(app.scopes is None for app in apps)  # unknown, not empty
        assert Connection.objects.get().state == "healthy"  # refused, not locked out


def test_a_source_that_is_refused_leaves_the_snapshot_incomplete(
    cast: Cast, sandbox: RunningSandbox, connection: Connection
) -> None:
    sandbox.fault("insufficient_access", when="always", path="/sobjects/ExtlClntAppOauthSettings")
    snapshot = take(cast, connection)
    assert snapshot.state == "incomplete"
    assert "scopes of external client apps" in snapshot.error
    with cast.at_acme():
        apps = SnapshotApp.objects.filter(snapshot=snapshot, kind="external_client_app")
        assert apps and all(app.scopes is None for app in apps)  # unknown, never none


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("request_limit", "used up its API requests"),
        ("server_unavailable", "unavailable"),
        ("html_ok", "page instead of data"),
        ("session_expired", "session"),
    ],
)
def test_an_org_that_cannot_be_read_fails_the_snapshot_in_words(
    cast: Cast, sandbox: RunningSandbox, connection: Connection, fault: str, words: str
) -> None:
    sandbox.fault(fault, when="always", path="/services/data")
    snapshot = take(cast, connection)
    assert snapshot.state == "failed"
    assert words in snapshot.error
    with cast.at_acme():
        assert not SnapshotApp.objects.filter(snapshot=snapshot).exists()
        assert selectors.latest_snapshot(connection) is None


def test_the_same_org_has_the_same_content_hash(
    cast: Cast, sandbox: RunningSandbox, connection: Connection
) -> None:
    first, second = take(cast, connection), take(cast, connection)
    assert first.content_hash == second.content_hash
    sandbox.seed(tokens=1)
    assert take(cast, connection).content_hash != first.content_hash


def test_one_snapshot_at_a_time(cast: Cast, connection: Connection) -> None:
    with cast.at_acme("bob") as bob:
        services.take_snapshot(actor=bob, connection_id=connection.pk, now=database_now())
        with pytest.raises(Conflict):
            services.take_snapshot(actor=bob, connection_id=connection.pk, now=database_now())


def test_only_operators_of_the_org_take_snapshots(cast: Cast, connection: Connection) -> None:
    for name in ("rita", "otto", "lena"):
        with cast.at_acme(name) as person, pytest.raises(Denied):
            services.take_snapshot(actor=person, connection_id=connection.pk, now=database_now())


def test_a_snapshot_whose_worker_died_is_read_again(
    cast: Cast, sandbox: RunningSandbox, connection: Connection
) -> None:
    now = database_now()
    with cast.at_acme("bob") as bob:
        asked = services.take_snapshot(actor=bob, connection_id=connection.pk, now=now)
        Snapshot.objects.filter(pk=asked.pk).update(state="running", attempts=1)
        assert snapshots.requeue_stalled(now=now) == 0
        assert snapshots.requeue_stalled(now=now + timedelta(minutes=11)) == 1
    tasks.read_snapshot(tenant_id=str(cast.acme.pk), snapshot_id=str(asked.pk))
    with cast.at_acme():
        assert Snapshot.objects.get(pk=asked.pk).state == "complete"


def test_a_snapshot_lost_three_times_is_given_up(cast: Cast, connection: Connection) -> None:
    now = database_now()
    with cast.at_acme("bob") as bob:
        asked = services.take_snapshot(actor=bob, connection_id=connection.pk, now=now)
        Snapshot.objects.filter(pk=asked.pk).update(state="running", attempts=3)
        snapshots.requeue_stalled(now=now + timedelta(minutes=11))
        assert Snapshot.objects.get(pk=asked.pk).state == "failed"


def test_what_a_snapshot_read_cannot_be_changed(
    cast: Cast, sandbox: RunningSandbox, connection: Connection
) -> None:
    snapshot = take(cast, connection)
    with cast.at_acme():
        app = SnapshotApp.objects.filter(snapshot=snapshot)[0]
        for change in (
            lambda: SnapshotApp.objects.filter(pk=app.pk).update(label="Harmless"),
            lambda: SnapshotApp.objects.filter(pk=app.pk).delete(),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()


def test_another_tenant_never_sees_a_snapshot(
    cast: Cast, sandbox: RunningSandbox, connection: Connection
) -> None:
    snapshot = take(cast, connection)
    with cast.at_globex() as mallory:
        assert not SnapshotToken.objects.filter(snapshot=snapshot).exists()
        with pytest.raises(NotFound):
            selectors.get_snapshot_for(actor=mallory, snapshot_id=snapshot.pk)
    with scoped(tenant_id=cast.globex.pk):
        assert not Snapshot.objects.exists()
