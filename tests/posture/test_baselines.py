"""Approved beside granted: who may approve, what differs, what stays unknown."""

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from apps.accounts import services as accounts
from apps.accounts.errors import FactorRefused
from apps.common.clock import database_now
from apps.common.errors import Conflict, Denied, NotFound
from apps.common.scope import scoped
from apps.crm.models import Connection, SnapshotApp
from apps.ledger import selectors as ledger
from apps.posture import selectors, services
from apps.posture.comparison import Comparison
from apps.posture.models import ScopeBaseline
from tests.cast import Cast, code_for
from tests.crm.test_pages import text_of
from tests.crm.test_snapshots import take
from tests.fakes.sandbox import RunningSandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def no_metadata(sandbox: RunningSandbox) -> None:
    """An org that does not tell the metadata of its connected apps."""
    sandbox.fault("insufficient_access", when="always", path="/tooling/composite")


@pytest.fixture
def copilot(cast: Cast, connection: Connection) -> SnapshotApp:
    return app_named(cast, connection, "Contract Copilot")


def app_named(cast: Cast, connection: Connection, label: str) -> SnapshotApp:
    snapshot = take(cast, connection)
    with cast.at_acme():
        found: SnapshotApp = SnapshotApp.objects.select_related("snapshot__connection").get(
            snapshot=snapshot, label=label
        )
        return found


def approve(cast: Cast, app: SnapshotApp, name: str = "alice") -> ScopeBaseline:
    with cast.at_acme(name) as person:
        factor = accounts.prove(
            user=person,
            code=code_for(person),
            decision=services.DECISION,
            subject=services.content_hash(app),
            now=database_now(),
        )
        return services.approve_baseline(actor=person, app=app, factor=factor, now=database_now())[
            0
        ]


def compared(cast: Cast, app: SnapshotApp) -> Comparison:
    with cast.at_acme():
        return selectors.compare_app(app)


def test_an_app_nobody_approved_has_no_baseline(cast: Cast, copilot: SnapshotApp) -> None:
    found = compared(cast, copilot)
    assert found.standing == "no_baseline"
    assert "full among them" in found.words


def test_scopes_that_the_org_does_not_tell_are_unknown(
    cast: Cast, no_metadata: None, connection: Connection
) -> None:
    loader = app_named(cast, connection, "Data Loader")
    found = compared(cast, loader)
    assert (found.standing, found.tone) == ("unknown", "unknown")
    with pytest.raises(Denied) as refused:
        approve(cast, loader)
    assert refused.value.rule == "scopes-unknown"


def test_approved_scopes_agree_until_the_org_changes(
    cast: Cast, sandbox: RunningSandbox, connection: Connection, copilot: SnapshotApp
) -> None:
    baseline = approve(cast, copilot)
    assert compared(cast, copilot).standing == "matches"
    with cast.at_acme():
        entry = ledger.list_path_of(baseline).get()
        assert entry.action == "posture.baseline.approved"
        assert ledger.data_of(entry)["content_hash"] == baseline.content_hash
    change_scopes(sandbox, MCP_API=True, EINSTEIN_GPT_API=False)
    later = app_named(cast, connection, "Contract Copilot")
    found = compared(cast, later)
    assert (found.standing, found.beyond, found.missing) == (
        "deviates",
        ["mcp_api"],
        ["einstein_gpt_api"],
    )
    assert found.words == (
        "Holds mcp_api beyond what was approved. Lacks einstein_gpt_api, which was approved."
    )
    with cast.at_acme():
        [(_, all_of_it)] = selectors.compare_orgs([connection])
        deviating = [each.app.label for each in all_of_it or [] if each.standing == "deviates"]
        assert deviating == ["Contract Copilot"]
    with pytest.raises(Denied) as refused:
        approve(cast, later)
    assert refused.value.rule == "second-person"


def change_scopes(sandbox: RunningSandbox, **flags: bool) -> None:
    """What an admin of the org does in Setup."""
    wanted = {
        "sobject": "ExtlClntAppOauthSettings",
        "where": {"MasterLabel": "Contract Copilot"},
        "values": {f"OauthScopes{flag}": value for flag, value in flags.items()},
    }
    assert sandbox.admin("POST", "change", json=wanted) == {"changed": 1}


def test_the_same_scopes_are_not_approved_twice(cast: Cast, copilot: SnapshotApp) -> None:
    approve(cast, copilot)
    with pytest.raises(Conflict):
        approve(cast, copilot)
    with cast.at_acme():
        assert ScopeBaseline.objects.count() == 1


def test_a_factor_for_another_app_is_refused_and_changes_nothing(
    cast: Cast, connection: Connection, copilot: SnapshotApp
) -> None:
    with cast.at_acme("alice") as alice:
        factor = accounts.prove(
            user=alice,
            code=code_for(alice),
            decision=services.DECISION,
            subject="ab" * 32,
            now=database_now(),
        )
        with pytest.raises(FactorRefused), transaction.atomic():
            services.approve_baseline(actor=alice, app=copilot, factor=factor, now=database_now())
        assert not ScopeBaseline.objects.exists()


def test_only_tenant_admins_approve(cast: Cast, copilot: SnapshotApp) -> None:
    for name in ("bob", "rita", "otto"):
        with pytest.raises(Denied):
            approve(cast, copilot, name)


def test_an_older_snapshot_cannot_be_approved(
    cast: Cast, connection: Connection, copilot: SnapshotApp
) -> None:
    take(cast, connection)
    with pytest.raises(Denied) as refused:
        approve(cast, copilot)
    assert refused.value.rule == "newer-snapshot"


def test_a_baseline_is_never_edited(cast: Cast, copilot: SnapshotApp) -> None:
    baseline = approve(cast, copilot)
    with cast.at_acme():
        for change in (
            lambda: ScopeBaseline.objects.filter(pk=baseline.pk).update(scopes=["api"]),
            lambda: ScopeBaseline.objects.filter(pk=baseline.pk).delete(),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()


def test_an_approval_that_is_rolled_back_leaves_no_entry(cast: Cast, copilot: SnapshotApp) -> None:
    with pytest.raises(RuntimeError), scoped(tenant_id=cast.acme.pk, user_id=cast.alice.pk):
        approve(cast, copilot)
        raise RuntimeError("the request dies")
    with cast.at_acme():
        assert not ScopeBaseline.objects.exists()
        assert not ledger.list_events(action="posture.baseline.approved").exists()


def test_the_list_shows_the_matrix_and_folds_what_agrees(
    cast: Cast, no_metadata: None, connection: Connection, copilot: SnapshotApp
) -> None:
    alice = cast.client("alice")
    address = reverse("posture:apps")
    text = text_of(alice.get(address))
    assert "Contract Copilot" in text
    assert "EU core" in text
    assert "unknown" in text
    approve(cast, copilot)
    html = alice.get(address).content.decode()
    assert "1 more as approved" in text_of(alice.get(address))
    assert "Contract Copilot" not in html
    assert "Contract Copilot" in text_of(alice.get(address, {"show": "matches"}))
    only = text_of(alice.get(address, {"show": "unknown"}))
    assert "Data Loader" in only and "Case Summariser" not in only
    found = text_of(alice.get(address, {"q": "nightly"}))
    assert "Nightly Import" in found and "Case Summariser" not in found
    assert alice.get(address, {"org": "not-an-id", "show": "\x00"}).status_code == 200


def test_approving_is_previewed_confirmed_and_proved(cast: Cast, copilot: SnapshotApp) -> None:
    alice = cast.client("alice")
    address = reverse("posture:approve", args=[copilot.pk])
    assert "Nothing has happened yet" in text_of(alice.get(address))
    done = alice.post(address, {"code": code_for(cast.alice)})
    assert done.status_code == 302, text_of(done)
    page = text_of(alice.get(done["Location"]))
    assert "Ledger entry" in page
    assert "As approved" in page or "Holds what was approved" in page
    assert "not declared" in page
    assert "Use is unknown, which is not unused" in page


def test_a_wrong_code_changes_nothing_and_is_said_at_the_field(
    cast: Cast, copilot: SnapshotApp
) -> None:
    address = reverse("posture:approve", args=[copilot.pk])
    for code in ("000000", "", "\x00", "9" * 500):
        answer = cast.client("alice").post(address, {"code": code})
        assert answer.status_code == 422
        assert "wrong" in text_of(answer).lower()
    with cast.at_acme():
        assert not ScopeBaseline.objects.exists()


def test_another_tenant_gets_nowhere_near_an_app(
    cast: Cast, connection: Connection, copilot: SnapshotApp
) -> None:
    mallory = cast.client("mallory")
    for address in (
        reverse("posture:app", args=[copilot.pk]),
        reverse("posture:approve", args=[copilot.pk]),
        reverse("posture:api-apps", args=[connection.pk]),
        reverse("posture:api-deviations", args=[connection.pk]),
    ):
        assert mallory.get(address).status_code == 404, address
    code = code_for(cast.mallory)
    for address in (
        reverse("posture:approve", args=[copilot.pk]),
        reverse("posture:api-baseline", args=[copilot.pk]),
    ):
        answer = mallory.post(address, {"code": code}, content_type="application/json")
        assert answer.status_code == 404, address
    with cast.at_globex() as person, pytest.raises(NotFound):
        selectors.get_app_for(actor=person, app_id=copilot.pk)
    assert "Contract Copilot" not in text_of(
        mallory.get(reverse("posture:apps"), {"org": str(connection.pk)})
    )


def test_the_api_lists_compares_and_approves(
    cast: Cast, no_metadata: None, connection: Connection, copilot: SnapshotApp
) -> None:
    alice = cast.client("alice")
    listed = alice.get(reverse("posture:api-apps", args=[connection.pk])).json()
    mine = next(each for each in listed if each["label"] == "Contract Copilot")
    assert (mine["standing"], mine["approved"]) == ("no_baseline", None)
    assert next(each for each in listed if each["label"] == "Data Loader")["granted"] is None
    address = reverse("posture:api-baseline", args=[copilot.pk])
    short = alice.post(address, {}, content_type="application/json")
    assert short.status_code == 400
    assert short.json()["errors"][0]["field"] == "code"
    done = alice.post(address, {"code": code_for(cast.alice)}, content_type="application/json")
    assert done.status_code == 201, done.content
    with cast.at_acme():
        assert str(ledger.get_event(event_id=done.json()["event_id"]).pk) == done.json()["event_id"]
    assert alice.get(reverse("posture:api-deviations", args=[connection.pk])).json() == []
    refused = cast.client("bob").post(
        address, {"code": code_for(cast.bob)}, content_type="application/json"
    )
    assert refused.status_code == 403
