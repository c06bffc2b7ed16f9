"""People and roles over the API: the same rules as on the page, answered as problem documents."""

from typing import Any

import pytest
from django.urls import reverse

from apps.ledger import selectors as ledger
from apps.tenancy import selectors
from tests.cast import Cast, fresh_code

JSON = "application/json"
MEMBERS = reverse("tenancy:api-members")
ANY_CODE = {"code": "000000"}  # what is refused before is refused without looking at the code


def _roles(cast: Cast, name: str) -> frozenset[str]:
    with cast.at_acme():
        return selectors.roles_of(cast.people[name])


def _sent(cast: Cast, name: str, **other: str) -> dict[str, str]:
    asked = {"email": cast.people[name].email, "role": "reviewer"}
    return {**asked, "code": fresh_code(cast.alice), **other}


def _take(cast: Cast, name: str, role: str) -> str:
    return reverse("tenancy:api-take-role", args=[cast.people[name].pk, role])


def test_a_role_is_given_listed_and_taken(cast: Cast) -> None:
    alice = cast.client("alice")
    given = alice.post(MEMBERS, _sent(cast, "bob", email=cast.bob.email.upper()), JSON)
    assert given.status_code == 201, given.content
    assert given.json()["roles"] == ["operator", "reviewer"]
    listed = {row["id"]: row for row in alice.get(MEMBERS).json()}
    assert len(listed) == 6 and listed[str(cast.bob.pk)] == given.json()
    code = {"code": fresh_code(cast.alice)}
    assert alice.post(_take(cast, "bob", "reviewer"), code, JSON).status_code == 204
    assert _roles(cast, "bob") == {"operator"}
    with cast.at_acme():
        added = ledger.list_events(action="tenancy.member.added").filter(actor=cast.alice.actor_ref)
        removed = ledger.list_events(action="tenancy.member.removed")
        assert (added.count(), removed.count()) == (1, 1)


def test_someone_of_another_tenant_can_be_given_a_role(cast: Cast) -> None:
    sent = _sent(cast, "mallory", role="auditor")
    answer = cast.client("alice").post(MEMBERS, sent, JSON)
    assert answer.status_code == 201
    assert answer.json()["roles"] == ["auditor"]


@pytest.mark.parametrize("name", ["bob", "rita", "otto"])
def test_only_tenant_admins_manage_people(cast: Cast, name: str) -> None:
    client = cast.client(name)
    for answer in (
        client.get(MEMBERS),
        client.post(MEMBERS, _sent(cast, name, role="tenant_admin"), JSON),
        client.post(_take(cast, "alice", "tenant_admin"), ANY_CODE, JSON),
    ):
        assert answer.status_code == 403
        assert answer.json()["rule"] == "needs:members.manage"
    assert _roles(cast, "alice") == {"tenant_admin"}


def test_another_tenants_people_are_not_found(cast: Cast) -> None:
    answer = cast.client("mallory").post(_take(cast, "bob", "operator"), ANY_CODE, JSON)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert _roles(cast, "bob") == {"operator"}


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"role": "auditor"}, "email"),
        ({"email": "nobody@example.org", "role": "auditor"}, "email"),
        ({"email": "a\x00b", "role": "auditor"}, "email"),
        ({"email": "BOB", "role": "king"}, "role"),
        ({"email": "BOB", "role": "operator"}, "role"),
    ],
)
def test_bad_input_names_the_field(cast: Cast, sent: dict[str, Any], field: str) -> None:
    if sent.get("email") == "BOB":
        sent = {**sent, "email": cast.bob.email}
    answer = cast.client("alice").post(MEMBERS, {**ANY_CODE, **sent}, JSON)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(("name", "role"), [("alice", "tenant_admin"), ("bob", "auditor")])
def test_a_role_that_cannot_be_taken_stays(cast: Cast, name: str, role: str) -> None:
    before = _roles(cast, name)
    answer = cast.client("alice").post(_take(cast, name, role), ANY_CODE, JSON)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "role"
    assert _roles(cast, name) == before


@pytest.mark.parametrize("code", ["000000", "", "later"])
def test_roles_change_only_against_a_fresh_code(cast: Cast, code: str) -> None:
    alice = cast.client("alice")
    given = alice.post(MEMBERS, _sent(cast, "bob", code=code), JSON)
    taken = alice.post(_take(cast, "bob", "operator"), {"code": code}, JSON)
    for answer in (given, taken):
        assert answer.status_code in {400, 422, 429}  # slowed after wrong ones
        assert answer.json()["errors"][0]["field"] == "code"
    assert _roles(cast, "bob") == {"operator"}


def test_a_code_gives_one_role(cast: Cast) -> None:
    alice, sent = cast.client("alice"), _sent(cast, "bob")
    assert alice.post(MEMBERS, sent, JSON).status_code == 201
    again = alice.post(MEMBERS, {**sent, "role": "auditor"}, JSON)
    assert (again.status_code, again.json()["code"]) == (422, "wrong_code")
    assert _roles(cast, "bob") == {"operator", "reviewer"}
