"""What an app is for: proposed by one, approved by another, and drift told against it."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from apps.accounts import services as accounts
from apps.common.clock import database_now
from apps.common.errors import Conflict, Denied, Invalid, NotFound
from apps.crm.models import Connection, LogFile, LogRow, SnapshotApp
from apps.posture import selectors
from apps.posture.models import AppPurpose, Finding
from apps.posture.purposes import services
from apps.posture.scopes import looking
from tests.cast import Cast, code_for
from tests.crm.test_pages import text_of
from tests.posture.governed import make_governed
from tests.reviews import made_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def org(cast: Cast) -> Connection:
    with cast.at_acme():
        return made_up.make_connection()


@pytest.fixture
def app(cast: Cast, org: Connection) -> SnapshotApp:
    with cast.at_acme():
        snapshot = made_up.small_snapshot(org)
        found: SnapshotApp = SnapshotApp.objects.select_related("snapshot__connection").get(
            snapshot=snapshot
        )
        return found


def propose(cast: Cast, app: SnapshotApp, name: str = "bob", **other: Any) -> AppPurpose:
    given = {
        "words": "Sums up cases.", "scopes": ["api"], "objects_named": ["Case"],
        "fields_named": [], "zones": ["eu-core"], **other,
    }  # fmt: skip
    with cast.at_acme(name) as person:
        return services.propose_purpose(actor=person, app=app, now=database_now(), **given)


def approve(cast: Cast, purpose: AppPurpose, name: str = "alice") -> AppPurpose:
    with cast.at_acme(name) as person:
        now = database_now()
        factor = accounts.prove(
            user=person, code=code_for(person), decision=services.DECISION,
            subject=purpose.content_hash, now=now,
        )  # fmt: skip
        return services.approve_purpose(actor=person, purpose=purpose, factor=factor, now=now)


def test_what_an_app_holds_beyond_its_purpose_is_a_finding(cast: Cast, app: SnapshotApp) -> None:
    purpose = propose(cast, app)
    with cast.at_acme():
        assert selectors.compare_app(app).declared is None  # proposed is not in force
    approve(cast, purpose)
    with cast.at_acme():
        assert selectors.compare_app(app).undeclared == ["refresh_token"]
        looking.judge_snapshot(app.snapshot, now=database_now())
        drift = Finding.objects.get(kind="scopes.beyond-purpose")
        assert "refresh_token, which its purpose does not need" in drift.title
    again = approve(cast, propose(cast, app, scopes=["api", "refresh_token"]))
    with cast.at_acme():
        assert selectors.compare_app(app).undeclared == []
        assert AppPurpose.objects.get(pk=purpose.pk).state == "superseded"
        assert again.state == "approved"


def test_nobody_approves_their_own_and_others_get_nowhere(cast: Cast, app: SnapshotApp) -> None:
    own = propose(cast, app, "alice")
    for name in ("alice", "bob"):
        with pytest.raises(Denied):
            approve(cast, own, name)
    with cast.at_globex() as mallory, pytest.raises(NotFound):
        services.propose_purpose(
            actor=mallory, app=app, words="Takes everything.", now=database_now(),
            scopes=["full"], objects_named=[], fields_named=[], zones=[],
        )  # fmt: skip
    with cast.at_acme():
        assert AppPurpose.objects.get().state == "proposed"


def test_what_does_not_fit_is_said_at_the_field(cast: Cast, app: SnapshotApp) -> None:
    for other, field in (({"words": ""}, "words"), ({"scopes": []}, "scopes"),
                         ({"zones": ["mars"]}, "zones")):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            propose(cast, app, **other)
        assert refused.value.field == field
    with pytest.raises(Invalid):
        services.names_in("<script>", field="scopes")
    with cast.at_acme():
        assert not AppPurpose.objects.exists()


def test_the_page_proposes_and_another_person_approves(cast: Cast, app: SnapshotApp) -> None:
    address = reverse("posture:purpose", args=[app.pk])
    given = {"act": "propose", "words": "Sums up cases.", "scopes": "api, refresh_token"}
    assert cast.client("bob").post(address, {**given, "scopes": "é"}).status_code == 422
    assert cast.client("bob").post(address, given).status_code == 302
    alice = cast.client("alice")
    assert "Approve this purpose" in text_of(alice.get(address))
    done = alice.post(address, {"act": "approve", "code": code_for(cast.alice)})
    assert done.status_code == 302
    assert "Sums up cases." in text_of(alice.get(done["Location"]))


def test_a_refused_proposal_leaves_what_is_in_force(cast: Cast, app: SnapshotApp) -> None:
    in_force = approve(cast, propose(cast, app))
    proposed = propose(cast, app, scopes=["full"])
    with cast.at_acme("bob") as bob, pytest.raises(Denied):
        services.refuse_purpose(actor=bob, purpose=proposed, now=database_now())
    address = reverse("posture:purpose", args=[app.pk])
    assert cast.client("alice").post(address, {"act": "refuse"}).status_code == 302
    with cast.at_acme() as alice:
        assert AppPurpose.objects.get(pk=proposed.pk).state == "refused"
        assert selectors.compare_app(app).declared == in_force.scopes
        with pytest.raises(Conflict):
            services.refuse_purpose(actor=alice, purpose=proposed, now=database_now())


def test_use_beyond_the_purpose_and_access_without_use_are_findings(cast: Cast) -> None:
    with cast.at_acme():
        world = make_governed(cast, seen_days=91)
        looking.judge_snapshot(world.snapshot, now=database_now())
        outside = Finding.objects.get(kind="scopes.used-beyond-purpose")
        assert outside.detail["used_beyond"] == ["Contact"] and outside.observed_from is not None
        # Four of a hundred calls name no app: who made them is unknown, so nobody is unused.
        assert not Finding.objects.filter(kind="scopes.unused").exists()
        LogRow.objects.filter(app_id="").delete()
        looking.judge_snapshot(world.snapshot, now=database_now())
        unused = Finding.objects.filter(kind="scopes.unused").values_list("title", flat=True)
        assert sorted(unused) == [
            "Case Summariser holds access that nobody used",
            "Heroku Connect holds access that nobody used",
        ]


def test_a_window_with_gaps_proves_neither_use_nor_disuse(cast: Cast) -> None:
    with cast.at_acme():
        world = make_governed(cast, seen_days=91)
        LogRow.objects.filter(app_id="").delete()
        looking.judge_snapshot(world.snapshot, now=database_now())
        LogFile.objects.update(starts_at=database_now() - timedelta(days=50))
        later = made_up.make_snapshot(world.org)
        looking.judge_snapshot(later, now=database_now())
        states = Finding.objects.filter(kind="scopes.unused").values_list("state", flat=True)
        assert set(states) == {"open"}
