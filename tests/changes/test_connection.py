"""An org's settings: proposed, approved by somebody else, proved against the org, undone."""

import pytest
from django.db import connection as database
from django.db import transaction

from apps.changes import services
from apps.changes.models import Configuration, Proposal
from apps.changes.services import applying
from apps.changes.services.outside import look_outside
from apps.changes.states import State
from apps.common.clock import database_now
from apps.common.errors import Denied, Invalid, NotFound
from apps.crm import selectors as crm
from apps.crm import services as connecting
from apps.crm.models import Connection
from apps.crm.services import settings
from apps.ledger import selectors as ledger
from tests.cast import Cast
from tests.changes.conftest import approve, carry_on, go_back, open_proposal, reread
from tests.crm import orgs
from tests.crm.conftest import no_long_pauses, one_sandbox, sandbox  # noqa: F401
from tests.fakes.sandbox import RunningSandbox
from tests.reviews import made_up

pytestmark = pytest.mark.django_db
KIND = Proposal.Kind.CONNECTION


@pytest.fixture
def org(cast: Cast, sandbox: RunningSandbox) -> Connection:  # noqa: F811
    return orgs.check(cast, orgs.connect(cast, sandbox))


def to_secret(cast: Cast, org: Connection, secret: str) -> Proposal:
    """Client credentials in the place of the key."""
    return open_proposal(
        cast, KIND, org.pk, flow="client_credentials", secrets={"client_secret": secret}
    )


def applied(cast: Cast, proposal: Proposal) -> Proposal:
    approve(cast, proposal, by="ivan")
    return carry_on(cast, proposal)


def secrets_of(cast: Cast, org: Connection) -> dict[str, str]:
    with cast.at_acme():
        return settings.secrets_of(Connection.objects.get(pk=org.pk))


def now_of(cast: Cast, org: Connection) -> Connection:
    return orgs.reread(cast.acme.pk, org)


def test_another_way_to_sign_in_is_proved_against_the_org(
    cast: Cast,
    org: Connection,
    sandbox: RunningSandbox,  # noqa: F811
) -> None:
    proposal = to_secret(cast, org, sandbox.info["consumer_secret"])
    assert now_of(cast, org).flow == "jwt_bearer"
    done = applied(cast, proposal)
    assert (done.state, [check["passed"] for check in done.checks]) == (State.VERIFIED, [True] * 4)
    changed = now_of(cast, org)
    assert (changed.flow, changed.state, changed.username) == ("client_credentials", "healthy", "")
    held = secrets_of(cast, org)
    assert held["client_secret"] and not held["private_key"]
    with cast.at_acme():
        told = ledger.list_events(action="crm.connection.changed").get()
        assert ledger.data_of(told)["changed"] == ["flow", "username"]


def test_settings_that_do_not_work_go_back_with_their_secrets(cast: Cast, org: Connection) -> None:
    before = secrets_of(cast, org)
    done = applied(cast, to_secret(cast, org, "not the secret"))
    assert done.state == State.ROLLED_BACK
    assert [check["name"] for check in done.checks if not check["passed"]] == ["signs-in",
        "budget-known"]  # fmt: skip
    assert "not the secret" not in done.outcome
    back = now_of(cast, org)
    assert (back.flow, secrets_of(cast, org)) == ("jwt_bearer", before)
    assert orgs.check(cast, org).state == "healthy"
    with cast.at_acme():
        assert not Configuration.objects.filter(sealed_before__isnull=False).exists()


def test_another_org_behind_the_host_is_noticed_and_undone(cast: Cast, org: Connection) -> None:
    with cast.at_acme():
        Connection.objects.filter(pk=org.pk).update(org_id="00D000000000ABCEAA")
    done = applied(cast, open_proposal(cast, KIND, org.pk, calls_at_once="5"))
    assert done.state == State.ROLLED_BACK and "Another org answers" in done.outcome
    assert now_of(cast, org).calls_at_once == 10


def test_a_secret_rests_sealed_until_it_is_applied_and_nowhere_after(
    cast: Cast,
    org: Connection,
    sandbox: RunningSandbox,  # noqa: F811
) -> None:
    secret = sandbox.info["consumer_secret"]
    proposal = to_secret(cast, org, secret)
    with cast.at_acme(), transaction.atomic(), database.cursor() as cursor:
        cursor.execute("select row_to_json(p)::text from changes_proposal p")
        assert all(secret not in row for (row,) in cursor.fetchall())
    done = applied(cast, proposal)
    assert done.sealed_secrets is None
    with cast.at_acme():
        before = Configuration.objects.get(proposal=proposal).sealed_before
        assert before and '"private_key": "-----BEGIN' in before
    go_back(cast, done)
    with cast.at_acme():
        assert not Configuration.objects.filter(sealed_before__isnull=False).exists()
    assert orgs.check(cast, org).state == "healthy"
    assert now_of(cast, org).flow == "jwt_bearer"


def test_nothing_secret_outlives_an_org_that_was_disconnected(
    cast: Cast,
    org: Connection,
    sandbox: RunningSandbox,  # noqa: F811
) -> None:
    applied(cast, to_secret(cast, org, sandbox.info["consumer_secret"]))
    waiting = open_proposal(
        cast, KIND, org.pk, calls_at_once="4", secrets={"client_secret": "another one"}
    )
    with cast.at_acme("alice") as alice:
        connecting.disconnect_org(actor=alice, connection_id=org.pk, now=database_now())
        assert services.forget_what_is_over(now=database_now()) == 2
        assert services.forget_what_is_over(now=database_now()) == 0
    ended = reread(cast, waiting)
    assert (ended.state, ended.sealed_secrets) == (State.REFUSED, None)


def test_a_worker_lost_while_it_looks_is_followed_by_one_that_goes_on(
    cast: Cast, org: Connection
) -> None:
    """Every look is kept as it is made, and none is made twice."""
    proposal = open_proposal(cast, KIND, org.pk, reserve_percent="25")
    approve(cast, proposal, by="ivan")
    for step in (applying.begin, applying.put):
        with cast.at_acme():
            step(Proposal.objects.get(pk=proposal.pk), database_now())
    with cast.at_acme():
        generation = crm.token_of(org).generation
        row = Proposal.objects.get(pk=proposal.pk)
        applying.look(row, database_now())  # too early: nothing was looked at outside
        assert (row.state, services.progress_of(row)) == (
            State.APPLIED, (0, 2, "Signing in to the org"),
        )  # fmt: skip
    look_outside(tenant_id=cast.acme.pk, proposal_id=proposal.pk)  # then the worker is lost
    assert services.progress_of(reread(cast, proposal))[:2] == (2, 2)
    assert carry_on(cast, proposal).state == State.VERIFIED
    with cast.at_acme():
        assert crm.token_of(org).generation == generation + 1
    assert now_of(cast, org).reserve_percent == 25


def test_what_is_wrong_is_told_at_its_field(cast: Cast) -> None:
    with cast.at_acme():
        org = made_up.make_connection(username="console@acme.example")
    for wanted, field in (
        ({"host": "login.salesforce.com"}, "host"),
        ({"flow": "password"}, "flow"),
        ({"flow": "client_credentials"}, "client_secret"),
        ({"path": "tunnel"}, "path"),
        ({"calls_at_once": "26"}, "calls_at_once"),
        ({"client_id": " "}, "client_id"),
        ({"secrets": {"private_key": "no key"}}, "private_key"),
    ):
        with pytest.raises(Invalid) as refused:
            open_proposal(cast, KIND, org.pk, **wanted)
        assert refused.value.field == field


def test_operators_and_others_do_not_propose_it(cast: Cast) -> None:
    with cast.at_acme():
        org = made_up.make_connection()
    with pytest.raises(Denied):
        open_proposal(cast, KIND, org.pk, by="bob", calls_at_once="5")
    with cast.at_globex() as mallory, pytest.raises(NotFound):
        services.propose(
            actor=mallory, kind=KIND, target=str(org.pk), wanted={"calls_at_once": "5"},
            reason="Not ours.", now=database_now(),
        )  # fmt: skip


def test_the_api_takes_settings_and_secrets_and_never_gives_a_secret_out(cast: Cast) -> None:
    with cast.at_acme():
        org = made_up.make_connection(username="console@acme.example")
    alice, secret = cast.client("alice"), "a consumer secret"
    body = {
        "kind": KIND,
        "target": str(org.pk),
        "settings": {"flow": "client_credentials", "calls_at_once": "6"},
        "secrets": {"client_secret": secret},
        "reason": "The app was given a secret.",
    }
    made = alice.post("/api/v1/changes/", body, content_type="application/json")
    assert made.status_code == 201, made.content
    told = cast.client("ivan").get(f"/api/v1/changes/{made.json()['id']}/")
    assert told.json()["wanted"]["calls_at_once"] == 6 and len(told.json()["seen"]) == 64
    assert "client_secret" in told.json()["wanted"]["new_secrets"]
    page = cast.client("ivan").get(f"/changes/{made.json()['id']}/")
    for answer in (made, told, page):
        assert secret not in answer.content.decode()
