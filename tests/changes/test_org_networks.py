"""From where an org's callers may come: shown by its event logs and login history, and watched."""

from datetime import datetime, timedelta

import pytest

from apps.changes.models import Approval, Proposal
from apps.changes.states import State
from apps.common.clock import database_now
from apps.common.errors import Denied
from apps.crm.anomalies.signins import is_approved
from apps.crm.callers import known_callers
from apps.crm.models import Connection, Sighting
from tests.cast import Cast
from tests.changes.conftest import OFFICE, approve, carry_on, go_back, open_proposal
from tests.crm.eventlogs.test_usage import add_file, add_row
from tests.reviews import made_up

pytestmark = pytest.mark.django_db
KIND = Proposal.Kind.ORG_NETWORKS
INSIDE, OUTSIDE = "203.0.113.9", "198.51.100.7"


@pytest.fixture
def org(cast: Cast) -> Connection:
    with cast.at_acme():
        return made_up.make_connection()


def called(cast: Cast, org: Connection, *addresses: str, days: int = 31) -> None:
    """A call from each address, in a log that covers so many days."""
    start = _hour(database_now()) - timedelta(days=days)
    with cast.at_acme():
        file = add_file(org, "ApiTotalUsage", start, days * 24)
        for address in addresses:
            add_row(
                file, database_now() - timedelta(hours=2), address=address, app_name="Loader",
                user_id="005000000000001",
            )  # fmt: skip


def signed_in(cast: Cast, org: Connection, address: str) -> None:
    now = database_now()
    with cast.at_acme():
        Sighting.objects.create(
            connection=org, kind="address", account="005000000000002AAA", name=address,
            first_at=now, last_at=now,
        )  # fmt: skip


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def test_callers_of_the_org_are_shown_before_and_kept_with_the_approval(
    cast: Cast, org: Connection
) -> None:
    called(cast, org, INSIDE, INSIDE, OUTSIDE)
    signed_in(cast, org, "192.0.2.4")
    proposal = open_proposal(cast, KIND, org.pk, networks=[OFFICE], by="bob")
    told = proposal.preflight
    assert told["known"] == "all" and "of the last 720 hours" in told["sources"]
    rows = {row["address"]: row for row in told["callers"]}
    assert {name: (row["becomes"], row["calls"]) for name, row in rows.items()} == {
        INSIDE: ("kept", 2), OUTSIDE: ("blocked", 1), "192.0.2.4": ("blocked", 0),
    }  # fmt: skip
    assert (rows[OUTSIDE]["apps"], rows[OUTSIDE]["accounts"]) == (["Loader"], ["005000000000001"])
    approve(cast, proposal, by="ivan")
    done = carry_on(cast, proposal)
    assert done.state == State.VERIFIED
    with cast.at_acme():
        assert Approval.objects.get(proposal=proposal).preflight["callers"] == told["callers"]
        fenced = Connection.objects.get(pk=org.pk)
        assert is_approved(fenced, INSIDE) and not is_approved(fenced, OUTSIDE)
    go_back(cast, done)
    with cast.at_acme():
        assert is_approved(Connection.objects.get(pk=org.pk), OUTSIDE)


@pytest.mark.parametrize("days", [0, 3])
def test_missing_logs_are_unknown_and_never_nobody(cast: Cast, org: Connection, days: int) -> None:
    if days:
        called(cast, org, INSIDE, days=days)
    told = open_proposal(cast, KIND, org.pk, networks=[OFFICE], by="bob").preflight
    assert told["known"] == ("part" if days else "none")
    assert "No sign-in" in told["sources"]


def test_a_call_without_an_address_leaves_the_rest_unknown(cast: Cast, org: Connection) -> None:
    called(cast, org, INSIDE, "Salesforce.com IP")
    signed_in(cast, org, INSIDE)
    with cast.at_acme():
        known = known_callers(org, now=database_now())
    assert not known.complete and "tell no address" in known.words


def test_a_caller_who_came_after_the_approval_undoes_the_change(
    cast: Cast, org: Connection
) -> None:
    called(cast, org, INSIDE)
    proposal = open_proposal(cast, KIND, org.pk, networks=[OFFICE], by="bob")
    approve(cast, proposal, by="ivan")
    signed_in(cast, org, OUTSIDE)
    done = carry_on(cast, proposal)
    assert done.state == State.ROLLED_BACK and "nobody was shown" in done.outcome
    with cast.at_acme():
        assert Connection.objects.get(pk=org.pk).networks == []


def test_reviewers_do_not_propose_it(cast: Cast, org: Connection) -> None:
    with pytest.raises(Denied):
        open_proposal(cast, KIND, org.pk, networks=[OFFICE], by="rita")
