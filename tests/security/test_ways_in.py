"""Attacks on signing in: guessing past the lockout, sharing an enrolment, taking sessions."""

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client

from apps.accounts.models import Authenticator, User
from apps.accounts.services import current_code
from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.tenancy import services as tenancy
from tests.cast import PASSWORD, Cast

SIGNIN, ENROL = "/signin/", "/signin/enrol/"


@pytest.fixture(autouse=True)
def no_lockouts() -> None:
    cache.clear()


@pytest.fixture
def newcomer(cast: Cast) -> User:
    """Someone with a password who has not set up a second factor yet."""
    return tenancy.create_user(email="newcomer@example.org", name="New", password=PASSWORD)


def test_capital_letters_do_not_get_around_the_lockout(cast: Cast) -> None:
    client, email = Client(), cast.alice.email
    spellings = [email[:place] + email[place:].upper() for place in range(1, 6)]
    for spelling in spellings:
        answer = client.post(SIGNIN, {"email": spelling, "password": "wrong"})
    assert answer.status_code == 429
    answer = client.post(SIGNIN, {"email": email, "password": PASSWORD})
    assert answer.status_code == 429


def test_a_thief_of_the_password_cannot_share_the_enrolment(newcomer: User) -> None:
    """Whoever looked at the enrolment page before its owner must not know the owner's secret."""
    thief, owner = _with_password(newcomer), _with_password(newcomer)
    seen = thief.get(ENROL).context["secret"]
    assert owner.get(ENROL).context["secret"] != seen
    thief.get(ENROL)  # replaces the unfinished device behind the owner's back
    answer = owner.post(ENROL, {"code": _unfinished_code(newcomer)})
    assert answer.status_code == 422, "a session confirmed a secret that another session was shown"


def test_an_enrolment_survives_reloading_and_mistyping(newcomer: User) -> None:
    owner = _with_password(newcomer)
    secret = owner.get(ENROL).context["secret"]
    assert owner.post(ENROL, {"code": "000000"}).context["secret"] == secret
    assert owner.get(ENROL).context["secret"] == secret
    assert "codes" in owner.post(ENROL, {"code": _unfinished_code(newcomer)}).context


def test_the_session_table_opens_no_session(cast: Cast) -> None:
    """Whoever reads the table, or a dump of it, finds nothing to put into a cookie."""
    client = cast.client("alice")
    with connection.cursor() as cursor:
        cursor.execute("select session_key from django_session")
        kept = [row[0] for row in cursor.fetchall()]
    assert kept
    assert client.cookies["bailiwick"].value not in kept
    thief = Client()
    for key in kept:
        thief.cookies["bailiwick"] = key
        assert thief.get("/people/").status_code == 302


def test_a_session_copied_into_another_row_opens_nothing(cast: Cast) -> None:
    alice, mallory = cast.client("alice"), cast.client("mallory")
    rows = Session.objects
    copied = rows.get(session_key=_row_of(alice)).session_data
    rows.filter(session_key=_row_of(mallory)).update(session_data=copied)
    assert mallory.get("/people/").status_code == 302


def _row_of(client: Client) -> str:
    session = client.session
    return str(getattr(session, "row_key", session.session_key))


def _with_password(person: User) -> Client:
    client = Client()
    answer = client.post(SIGNIN, {"email": person.email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def _unfinished_code(person: User) -> str:
    with scoped(user_id=person.pk):
        device = Authenticator.objects.get(user=person, confirmed=False)
        return current_code(device, at=database_now())
