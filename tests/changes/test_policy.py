"""The flow policy: the first by one person, every later one by two, undone as a whole."""

import pytest

from apps.changes.kinds.policy import TARGET
from apps.changes.models import Proposal
from apps.changes.states import State
from apps.common.errors import Conflict, NotFound
from apps.ledger import selectors as ledger
from apps.residency import selectors, services
from apps.residency.errors import NeedsProposal
from apps.residency.models import PolicyVersion, Zone
from tests.cast import Cast
from tests.changes.conftest import approve, carry_on, go_back, open_proposal, reread
from tests.residency.made import a_zone, classify, permit, publish_now

pytestmark = pytest.mark.django_db
KIND = Proposal.Kind.FLOW_POLICY


@pytest.fixture
def zone(cast: Cast) -> Zone:
    """A policy is in force that lets fit data go to the zone."""
    with cast.at_acme() as alice:
        zone = a_zone(alice, "EU core", "DE", "FR")
        classify(alice, "fit", "Subject")
        permit(alice, "fit-in-the-eu", "fit", "allow", zone.pk)
        publish_now(alice)
    return zone


def draft_more(cast: Cast, zone: Zone) -> Proposal:
    """Restricted data may go as well, masked."""
    with cast.at_acme() as alice:
        permit(alice, "restricted-in-the-eu", "restricted", "mask", zone.pk)
    return open_proposal(cast, KIND, TARGET)


def rules_in_force(cast: Cast) -> list[str]:
    with cast.at_acme():
        policy = selectors.compiled_policy()
        assert policy is not None
        return [rule.name for rule in policy.rules]


def test_a_policy_in_force_is_replaced_by_two_people_only(cast: Cast, zone: Zone) -> None:
    with cast.at_acme() as alice:
        permit(alice, "more", "restricted", "allow", zone.pk)
        shown = selectors.current_version()
        assert shown is not None
        with pytest.raises(NeedsProposal):
            services.publish(
                actor=alice, content_hash="", factor=None,  # type: ignore[arg-type]
                now=shown.published_at,  # type: ignore[arg-type]
            )  # fmt: skip
    proposal = open_proposal(cast, KIND, TARGET)
    approve(cast, proposal, by="ivan")
    done = carry_on(cast, proposal)
    assert (done.state, [check["passed"] for check in done.checks]) == (State.VERIFIED, [True] * 2)
    assert rules_in_force(cast) == ["fit-in-the-eu", "more"]
    with cast.at_acme():
        version = selectors.current_version()
        assert version is not None and version.published_by_id == cast.ivan.pk
        assert selectors.current_draft() is None
        assert ledger.list_events(action="residency.policy.replaced").count() == 1


def test_the_preflight_tells_which_flows_are_opened(cast: Cast, zone: Zone) -> None:
    rows = draft_more(cast, zone).preflight["flows"]
    assert {(row["zone"], row["before"], row["after"], row["becomes"]) for row in rows} == {
        ("EU core", "deny", "mask", "opened")
    }
    assert {row["data"] for row in rows} == {"Fields that nobody classified"}
    assert {"DE", "FR"} < set(rows[0]["people"])


def test_going_back_restores_the_policy_and_keeps_what_was_undone_as_draft(
    cast: Cast, zone: Zone
) -> None:
    proposal = draft_more(cast, zone)
    approve(cast, proposal, by="ivan")
    go_back(cast, carry_on(cast, proposal))
    assert reread(cast, proposal).state == State.ROLLED_BACK
    assert rules_in_force(cast) == ["fit-in-the-eu"]
    with cast.at_acme():
        draft = selectors.current_draft()
        assert [rule.name for rule in selectors.list_rules(draft)] == [
            "fit-in-the-eu",
            "restricted-in-the-eu",
        ]
        assert list(PolicyVersion.objects.order_by("number").values_list("state", flat=True)) == [
            "published", "published", "published", "draft",
        ]  # fmt: skip
        restored = selectors.current_version()
        assert restored is not None and restored.published_by_id == cast.alice.pk


def test_a_draft_that_moved_on_stays_a_draft(cast: Cast, zone: Zone) -> None:
    """What was approved is put in force, and nothing that was written after."""
    proposal = draft_more(cast, zone)
    approve(cast, proposal, by="ivan")
    with cast.at_acme() as alice:
        permit(alice, "written-later", "any", "deny", zone.pk)
    assert carry_on(cast, proposal).state == State.VERIFIED
    assert rules_in_force(cast) == ["fit-in-the-eu", "restricted-in-the-eu"]
    with cast.at_acme():
        names = [rule.name for rule in selectors.list_rules(selectors.current_draft())]
    assert names[-1] == "written-later"


def test_without_a_draft_or_a_policy_there_is_nothing_to_propose(cast: Cast) -> None:
    with pytest.raises(NotFound):
        open_proposal(cast, KIND, TARGET)
    with cast.at_acme() as alice:
        a_zone(alice, "EU core", "DE")
        publish_now(alice)
    with pytest.raises(Conflict, match="Nothing has changed"):
        open_proposal(cast, KIND, TARGET)
