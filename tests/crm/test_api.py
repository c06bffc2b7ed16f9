"""Operating orgs over the API: the same rules as on their pages, answered as problem documents."""

import pytest
from django.urls import reverse

from apps.common import powers
from apps.crm.models import Connection
from apps.ledger import selectors as ledger
from apps.tenancy.policies import may_on
from tests.cast import Cast
from tests.crm import orgs
from tests.fakes.sandbox import RunningSandbox


@pytest.fixture
def org(cast: Cast, sandbox: RunningSandbox) -> Connection:
    return orgs.connect(cast, sandbox)


def _address(name: str, org: Connection, *more: object) -> str:
    return reverse(f"crm:api-{name}", args=[org.pk, *more])


def _recorded(cast: Cast, action: str) -> int:
    with cast.at_acme():
        return ledger.list_events(action=action).count()


def test_an_operator_asks_for_a_check(cast: Cast, org: Connection) -> None:
    asked_at = org.check_asked_at
    answer = cast.client("bob").post(_address("check", org))
    assert answer.status_code == 202 and answer.json()["id"] == str(org.pk)
    again = orgs.reread(cast.acme.pk, org)
    assert asked_at and again.check_asked_at and again.check_asked_at > asked_at


def test_an_auditor_may_not_ask_for_a_check(cast: Cast, org: Connection) -> None:
    answer = cast.client("otto").post(_address("check", org))
    assert (answer.status_code, answer.json()["rule"]) == (
        403,
        "needs-grant:crm.operate_connection",
    )
    assert orgs.reread(cast.acme.pk, org).check_asked_at == org.check_asked_at


def test_an_admin_disconnects_once_and_the_secrets_are_gone(cast: Cast, org: Connection) -> None:
    alice = cast.client("alice")
    answer = alice.post(_address("disconnect", org))
    assert (answer.status_code, answer.json()["state"]) == (200, "disconnected")
    with cast.at_acme():
        assert Connection.objects.get(pk=org.pk).private_key == ""
    for act in ("disconnect", "check"):
        again = alice.post(_address(act, org))
        assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert _recorded(cast, "crm.connection.disconnected") == 1


def test_rights_are_listed_taken_and_given(cast: Cast, org: Connection) -> None:
    alice = cast.client("alice")
    listed = {row["name"]: row for row in cast.client("otto").get(_address("rights", org)).json()}
    assert listed["Bob"]["held"] == listed["Bob"]["due"] == ["operate_connection"]
    taken = alice.post(_address("take-rights", org, cast.bob.pk))
    assert taken.status_code == 200
    assert {row["name"]: row["held"] for row in taken.json()}["Bob"] == []
    with cast.at_acme():
        grant = "crm.operate_connection"
        assert not may_on(cast.bob, powers.READ_APPS, target=org, grant=grant).allowed
    given = alice.post(_address("give-rights", org, cast.bob.pk))
    assert given.json() == list(listed.values())
    assert _recorded(cast, "crm.rights.taken") == _recorded(cast, "crm.rights.given") == 1


@pytest.mark.parametrize("act", ["give-rights", "take-rights"])
def test_what_cannot_be_given_or_taken_names_the_member(
    cast: Cast, org: Connection, act: str
) -> None:
    alice, url = cast.client("alice"), _address(act, org, cast.bob.pk)
    alice.post(url)
    answer = alice.post(url)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "user_id"


@pytest.mark.parametrize("act", ["disconnect", "give-rights", "take-rights"])
def test_only_those_who_manage_connections_change_them(
    cast: Cast, org: Connection, act: str
) -> None:
    more = [cast.otto.pk] if "rights" in act else []
    answer = cast.client("bob").post(_address(act, org, *more))
    assert (answer.status_code, answer.json()["rule"]) == (403, "needs:connections.manage")
    assert orgs.reread(cast.acme.pk, org).state == "connecting"


@pytest.mark.parametrize("act", ["check", "disconnect", "give-rights", "take-rights"])
def test_another_tenants_org_is_not_found(cast: Cast, org: Connection, act: str) -> None:
    more = [cast.bob.pk] if "rights" in act else []
    mallory = cast.client("mallory")
    assert mallory.post(_address(act, org, *more)).status_code == 404
    assert mallory.get(_address("rights", org)).status_code == 404
    assert orgs.reread(cast.acme.pk, org).state == "connecting"


def test_someone_who_is_no_member_is_not_found(cast: Cast, org: Connection) -> None:
    answer = cast.client("alice").post(_address("give-rights", org, cast.mallory.pk))
    assert answer.status_code == 404
