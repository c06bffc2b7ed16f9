"""Signing in: password, then second factor, then nothing is open without both."""

import pytest
from django.core.cache import cache
from django.test import Client

from apps.accounts import services
from apps.accounts.models import Authenticator
from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.tenancy import services as tenancy
from tests.cast import PASSWORD, Cast, code_for

SIGNIN, CODE = "/signin/", "/signin/code/"


@pytest.fixture(autouse=True)
def no_lockouts() -> None:
    cache.clear()


def _password_step(client: Client, cast: Cast, name: str = "alice") -> None:
    answer = client.post(SIGNIN, {"email": cast.people[name].email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content


def test_password_and_code_open_the_persons_only_tenant(cast: Cast) -> None:
    client = Client()
    _password_step(client, cast)
    answer = client.post(CODE, {"code": code_for(cast.alice)}, follow=True)
    assert answer.redirect_chain[-1][0] == "/"
    assert client.session["tenant_id"] == str(cast.acme.pk)


def test_the_password_alone_opens_nothing(cast: Cast) -> None:
    client = Client()
    _password_step(client, cast)
    assert client.get("/people/")["Location"].startswith(CODE)


@pytest.mark.parametrize("email", ["alice", "nobody"])
def test_a_wrong_password_and_an_unknown_address_read_the_same(cast: Cast, email: str) -> None:
    address = cast.alice.email if email == "alice" else "nobody@example.org"
    answer = Client().post(SIGNIN, {"email": address, "password": "wrong"})
    assert answer.status_code == 422
    assert b"do not match an account" in answer.content


def test_a_wrong_code_says_so_and_counts(cast: Cast) -> None:
    client = Client()
    _password_step(client, cast)
    answer = client.post(CODE, {"code": "000000"})
    assert answer.status_code == 422
    assert b"wrong or was used before" in answer.content
    with scoped(user_id=cast.alice.pk):
        assert Authenticator.objects.get(user=cast.alice).throttling_failure_count == 1


def test_a_code_works_once(cast: Cast) -> None:
    code = code_for(cast.alice)
    for expected in (302, 422):
        client = Client()
        _password_step(client, cast)
        assert client.post(CODE, {"code": code}).status_code == expected


def test_a_recovery_code_works_once_and_is_stored_as_a_digest(cast: Cast) -> None:
    with scoped(user_id=cast.alice.pk):
        codes = services.issue_recovery_codes(user=cast.alice)
    for expected in (302, 422):
        client = Client()
        _password_step(client, cast)
        assert client.post(CODE, {"code": codes[0]}).status_code == expected


def test_guessing_passwords_locks_the_account_from_there(cast: Cast) -> None:
    client = Client()
    for _ in range(5):
        answer = client.post(SIGNIN, {"email": cast.alice.email, "password": "wrong"})
    assert answer.status_code == 429
    answer = client.post(SIGNIN, {"email": cast.alice.email, "password": PASSWORD})
    assert answer.status_code == 429


def test_a_new_person_sets_up_an_authenticator_and_gets_recovery_codes(cast: Cast) -> None:
    person = tenancy.create_user(email="new@example.org", name="New", password=PASSWORD)
    cast.people["new"] = person
    client = Client()
    _password_step(client, cast, "new")
    assert client.get(CODE)["Location"] == "/signin/enrol/"
    page = client.get("/signin/enrol/")
    assert b"data:image/svg" in page.content
    with scoped(user_id=person.pk):
        device = Authenticator.objects.get(user=person, confirmed=False)
        assert device.bin_key.hex() not in device.key  # the secret rests sealed
        code = services.current_code(device, at=database_now())
    answer = client.post("/signin/enrol/", {"code": code})
    assert len(answer.context["codes"]) == services.RECOVERY_CODES


def test_a_disabled_account_is_out_at_once(cast: Cast) -> None:
    client = cast.client("alice")
    with scoped(user_id=cast.alice.pk):
        cast.alice.is_active = False
        cast.alice.save(update_fields=["is_active"])
    assert client.get("/people/").status_code == 302


def test_signing_out_needs_a_post_and_ends_the_session(cast: Cast) -> None:
    client = cast.client("alice")
    assert client.get("/signout/").status_code == 405
    client.post("/signout/")
    assert client.get("/people/").status_code == 302


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_sign_in_never_sends_people_elsewhere(cast: Cast, target: str) -> None:
    answer = Client().post(
        SIGNIN, {"email": cast.alice.email, "password": PASSWORD, "next": target}
    )
    assert "evil" not in answer["Location"]
    assert "javascript" not in answer["Location"]
