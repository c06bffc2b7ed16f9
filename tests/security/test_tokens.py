"""Attacks with an API token: doing more than it was made for, and elsewhere than over the API."""

from datetime import timedelta

import pytest
from django.test import Client

from apps.common import powers
from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.custody import tokens
from apps.custody.models import IssuedToken
from apps.ledger.models import Event
from apps.tenancy import policies
from apps.tenancy import services as tenancy
from tests.cast import INSTALLER, Cast, fresh_code, signed_in


def _token(cast: Cast, *held: str, name: str = "alice") -> str:
    now = database_now()
    with cast.at_acme(name) as holder:
        _, text = tokens.issue_token(
            actor=holder,
            holder=holder,
            kind=IssuedToken.Kind.API,
            name="t",
            scope={"powers": list(held)} if held else {},
            networks=[],
            now=now,
            expires_at=now + timedelta(days=1),
        )
    return text


def _get(text: str, path: str, client: Client | None = None) -> int:
    headers = {"authorization": f"Bearer {text}"}
    return (client or Client()).get(path, headers=headers).status_code


def test_a_token_that_names_no_power_has_none(cast: Cast) -> None:
    assert _get(_token(cast), "/api/v1/ledger/events/") == 403


def test_services_judge_a_token_by_its_powers_and_not_by_its_holders(cast: Cast) -> None:
    """The gate asks for one power; what a service asks for beyond it must not come for free."""
    with cast.at_acme() as alice:
        assert policies.may(alice, powers.END_EMERGENCY).allowed
        alice.narrowed_to = frozenset({powers.READ_EMERGENCY})
        assert policies.may(alice, powers.READ_EMERGENCY).allowed
        assert not policies.may(alice, powers.END_EMERGENCY).allowed


def test_a_token_beyond_its_powers_is_told_so(cast: Cast) -> None:
    headers = {"authorization": f"Bearer {_token(cast, powers.READ_OVERVIEW)}"}
    answer = Client().get("/api/v1/ledger/events/", headers=headers)
    assert answer.status_code == 403
    assert answer.json()["rule"] == f"token-lacks:{powers.READ_LEDGER}"
    assert "token" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/people/", "/tenants/", "/explore/", "/tokens/"])
def test_a_token_opens_no_page(cast: Cast, path: str) -> None:
    text = _token(cast, powers.MANAGE_MEMBERS, powers.MANAGE_API_TOKENS)
    assert _get(text, path) == 302


def test_a_token_of_one_tenant_does_not_enter_another(cast: Cast) -> None:
    """The other tenant's ledger would say that its holder came with a second factor."""
    now = database_now()
    with scoped(tenant_id=cast.globex.pk, user_id=cast.alice.pk, login=cast.alice.email):
        tenancy.enrol(actor=INSTALLER, user=cast.alice, role="auditor", now=now)
    headers = {"authorization": f"Bearer {_token(cast, powers.READ_OVERVIEW)}"}
    Client().post(f"/tenants/{cast.globex.pk}/switch/", headers=headers)
    with cast.at_globex():
        assert not Event.objects.filter(action="tenancy.session.entered").exists()


def test_a_token_beside_a_session_of_another_tenant_stays_in_its_own(cast: Cast) -> None:
    text = _token(cast, powers.READ_LEDGER)
    beside = signed_in(cast.mallory, cast.globex)
    headers = {"authorization": f"Bearer {text}"}
    answer = beside.get("/api/v1/ledger/events/", headers=headers)
    with cast.at_acme():
        own = {str(pk) for pk in Event.objects.values_list("pk", flat=True)}
    assert {row["id"] for row in answer.json()["results"]} <= own


def test_a_token_dies_with_its_holders_membership(cast: Cast) -> None:
    text = _token(cast, powers.READ_SYNC, name="bob")
    assert _get(text, "/api/v1/sync/jobs/") == 200
    with cast.at_acme() as alice:
        tenancy.remove_member(
            actor=alice, user=cast.bob, role="operator", code=fresh_code(alice), now=database_now()
        )
    assert _get(text, "/api/v1/sync/jobs/") == 403
