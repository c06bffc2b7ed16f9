"""An app's approved scopes: the first by one person, every later one by two."""

import pytest

from apps.changes import services
from apps.changes.kinds.baseline import target_of
from apps.changes.models import Proposal
from apps.changes.services import applying
from apps.changes.states import State
from apps.common.clock import database_now
from apps.common.errors import Denied, NotFound
from apps.crm.models import Connection, SnapshotApp
from apps.crm.services.rights import give_to_members
from apps.posture import selectors as posture
from apps.posture.models import ScopeBaseline
from tests.cast import Cast
from tests.changes.conftest import approve, carry_on
from tests.reviews import made_up

pytestmark = pytest.mark.django_db
WHY = "The app now drafts letters, so it needs to read files."


def snapshot_with(cast: Cast, *scopes: str) -> SnapshotApp:
    """The org's newest snapshot, with one app that holds these scopes."""
    with cast.at_acme():
        org = Connection.objects.first() or made_up.make_connection()
        give_to_members(org)
        snapshot = made_up.make_snapshot(org)
        app: SnapshotApp = made_up.add_app(
            snapshot, "Copilot", org_app_id="0xI000000000001", scopes=sorted(scopes)
        )
        return app


@pytest.fixture
def app(cast: Cast) -> SnapshotApp:
    """An app with `api` approved, that holds `api` and `web` now."""
    first = snapshot_with(cast, "api")
    with cast.at_acme() as alice:
        ScopeBaseline.objects.create(
            connection=first.snapshot.connection,
            app_key=first.app_key,
            app_label=first.label,
            scopes=["api"],
            content_hash="ab" * 32,
            approved_by=alice,
            approved_at=database_now(),
            snapshot=first.snapshot,
        )
    return snapshot_with(cast, "api", "web")


def propose(cast: Cast, app: SnapshotApp, by: str = "bob") -> Proposal:
    with cast.at_acme(by) as person:
        return services.propose(
            actor=person,
            kind=Proposal.Kind.SCOPE_BASELINE,
            target=target_of(app),
            wanted={},
            reason=WHY,
            now=database_now(),
        )


def in_force(cast: Cast, app: SnapshotApp) -> ScopeBaseline:
    with cast.at_acme():
        return posture.current_baselines(app.snapshot.connection)[app.app_key]


def test_new_scopes_become_the_baseline_when_a_second_person_approves(
    cast: Cast, app: SnapshotApp
) -> None:
    proposal = propose(cast, app)
    assert in_force(cast, app).scopes == ["api"]
    with pytest.raises(Denied):
        approve(cast, proposal, by="ivan")  # approves changes, but no scopes of this org
    approve(cast, proposal)
    assert carry_on(cast, proposal).state == State.VERIFIED
    baseline = in_force(cast, app)
    assert (baseline.scopes, baseline.approved_by_id) == (["api", "web"], cast.alice.pk)


def test_a_baseline_that_the_org_left_behind_goes_back_by_itself(
    cast: Cast, app: SnapshotApp
) -> None:
    """The org changes between applying and checking: what was approved is no longer what holds."""
    proposal = propose(cast, app)
    approve(cast, proposal)
    for step in (applying.begin, applying.put):
        with cast.at_acme():
            step(Proposal.objects.get(pk=proposal.pk), database_now())
    snapshot_with(cast, "api", "web", "full")
    done = carry_on(cast, proposal)
    assert done.state == State.ROLLED_BACK
    restored = in_force(cast, app)
    assert restored.scopes == ["api"]
    assert restored.content_hash == "ab" * 32
    with cast.at_acme():
        assert ScopeBaseline.objects.count() == 3


def test_an_org_that_changed_before_applying_is_refused(cast: Cast, app: SnapshotApp) -> None:
    proposal = propose(cast, app)
    approve(cast, proposal)
    snapshot_with(cast, "api", "full")
    done = carry_on(cast, proposal)
    assert (done.state, in_force(cast, app).scopes) == (State.REFUSED, ["api"])


def test_an_app_without_a_baseline_has_nothing_to_change(cast: Cast) -> None:
    fresh = snapshot_with(cast, "api")
    with pytest.raises(NotFound):
        propose(cast, fresh)
