"""By which paths a zone's orgs may be called: proposed, seen org by org, kept or undone."""

import pytest
from django.urls import reverse

from apps.changes import services
from apps.changes.kinds import KINDS
from apps.changes.models import Proposal
from apps.changes.states import State
from apps.common.clock import database_now
from apps.common.errors import Conflict, Denied, Invalid, NotFound
from apps.crm.models import Connection
from apps.crm.paths import is_private_required
from apps.ledger import selectors as ledger
from tests.cast import Cast
from tests.changes.conftest import WHY, approve, carry_on, go_back, open_proposal
from tests.crm.test_pages import text_of
from tests.reviews import made_up

pytestmark = pytest.mark.django_db
KIND = Proposal.Kind.ZONE_PATH


@pytest.fixture
def org(cast: Cast) -> Connection:
    """One that is called over the public internet."""
    with cast.at_acme():
        return made_up.make_connection()


def required(cast: Cast, org: Connection) -> bool:
    with cast.at_acme():
        return is_private_required(org)


def a_second(cast: Cast, org: Connection, **values: object) -> None:
    """Another org in the same zone."""
    with cast.at_acme():
        other = Connection.objects.get(pk=org.pk)
        other.pk, other.name, other._state.adding = None, "acme-second", True
        other.host = "second.my.salesforce.com"
        for name, value in values.items():
            setattr(other, name, value)
        other.save()


def test_orgs_that_would_not_be_called_are_shown_and_one_person_is_not_enough(
    cast: Cast, org: Connection
) -> None:
    a_second(
        cast, org, path="private_connect", resolved_to=["10.1.2.3"], resolved_at=database_now()
    )
    proposal = open_proposal(cast, KIND, org.zone_id, private_only="yes")
    rows = {row["name"]: row["becomes"] for row in proposal.preflight["orgs"]}
    assert rows == {org.name: "blocked", "acme-second": "kept"}
    assert not required(cast, org)
    with pytest.raises(Denied):
        approve(cast, proposal, by="alice")
    page = text_of(cast.client("ivan").get(reverse("changes:proposal", args=[proposal.pk])))
    assert "stops calling 1 org of 2 of this zone" in page and "Not called from now on" in page
    assert "by any path" in page and "by a private path only" in page
    approve(cast, proposal, by="ivan")
    done = carry_on(cast, proposal)
    assert done.state == State.VERIFIED and required(cast, org)
    go_back(cast, done)
    assert not required(cast, org)
    with cast.at_acme():
        told = ledger.list_events(action="crm.path.changed", target_id=str(org.zone_id))
        assert [ledger.data_of(each)["private_required"] for each in told] in (
            [True, False],
            [False, True],
        )


def test_an_org_that_was_connected_after_the_approval_undoes_the_rule(
    cast: Cast, org: Connection
) -> None:
    proposal = open_proposal(cast, KIND, org.zone_id, private_only=True)
    approve(cast, proposal, by="ivan")
    a_second(cast, org)
    done = carry_on(cast, proposal)
    assert done.state == State.ROLLED_BACK and "acme-second" in done.outcome
    assert not required(cast, org)


def test_another_spelling_of_its_id_opens_no_second_proposal(cast: Cast, org: Connection) -> None:
    zone = str(org.zone_id)
    first = open_proposal(cast, KIND, zone.upper(), private_only=True)
    assert first.target == zone
    for spelling in (zone, f"{{{zone}}}", zone.replace("-", ""), f"urn:uuid:{zone}"):
        with pytest.raises(Conflict):
            open_proposal(cast, KIND, spelling, private_only=True)
    assert KINDS["scope_baseline"].one_spelling(f"{{{zone}}}/Key") == f"{zone}/Key"


def test_only_those_who_connect_orgs_propose_it_and_for_their_own_zones(
    cast: Cast, org: Connection
) -> None:
    with pytest.raises(Denied):
        open_proposal(cast, KIND, org.zone_id, by="bob", private_only=True)
    with pytest.raises(NotFound), cast.at_globex() as mallory:
        services.propose(
            actor=mallory,
            kind=KIND,
            target=str(org.zone_id),
            wanted={"private_only": True},
            reason=WHY,
            now=database_now(),
        )
    with pytest.raises(Invalid) as refused:
        open_proposal(cast, KIND, org.zone_id, private_only="perhaps")
    assert refused.value.field == "private_only"
    page = cast.client("alice").get(reverse("changes:propose-zone-path", args=[org.zone_id]))
    assert "By a private path only" in text_of(page)
