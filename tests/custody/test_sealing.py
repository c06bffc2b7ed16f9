"""Sealed values open in their own row, column and tenant, and nowhere else."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.common import keyring
from apps.common.clock import database_now
from apps.common.errors import Denied
from apps.custody import sealing, tokens
from apps.custody.access import emergency_access
from apps.custody.errors import TokenRefused
from apps.custody.models import DataKey, IssuedToken
from tests.cast import Cast

KEY = bytes(range(32))


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=500), st.text(max_size=40))
def test_a_sealed_value_opens_in_its_place_only(plain: bytes, place: str) -> None:
    sealed = keyring.seal(KEY, plain, place=place)
    assert keyring.open_sealed(KEY, sealed, place=place) == plain
    with pytest.raises(keyring.CannotOpen):
        keyring.open_sealed(KEY, sealed, place=place + "x")
    with pytest.raises(keyring.CannotOpen):
        keyring.open_sealed(KEY, sealed[:-1] + bytes([sealed[-1] ^ 1]), place=place)


def _issue(cast: Cast, **more: object) -> tuple[IssuedToken, str]:
    now = database_now()
    words: dict[str, object] = {
        "actor": cast.alice,
        "holder": cast.bob,
        "kind": IssuedToken.Kind.EMERGENCY,
        "name": "test",
        "scope": {},
        "networks": [],
        "now": now,
        "expires_at": now + timedelta(minutes=5),
    }
    return tokens.issue_token(**{**words, **more})  # type: ignore[arg-type]


def test_the_secret_rests_sealed_and_bound_to_its_row(cast: Cast) -> None:
    with cast.at_acme():
        token, text = _issue(cast)
        other, _ = _issue(cast)
        with connection.cursor() as cursor:
            cursor.execute("select secret from custody_issuedtoken where id = %s", [token.pk])
            stored = bytes(cursor.fetchone()[0])
            assert text.encode() not in stored
            cursor.execute(
                "update custody_issuedtoken set secret = %s where id = %s", [stored, other.pk]
            )
        with pytest.raises(Denied, match="Emergency credentials"):
            _ = IssuedToken.objects.get(pk=token.pk).secret
        with emergency_access():
            assert IssuedToken.objects.get(pk=token.pk).secret == text
            with pytest.raises(keyring.CannotOpen):
                _ = IssuedToken.objects.get(pk=other.pk).secret


def test_update_and_filter_cannot_go_around_the_seal(cast: Cast) -> None:
    with cast.at_acme():
        _issue(cast)
        with pytest.raises(TypeError, match="sealed"), transaction.atomic():
            IssuedToken.objects.update(secret="in the clear")
        with pytest.raises(TypeError, match="sealed"), transaction.atomic():
            IssuedToken.objects.filter(secret="in the clear").exists()


def test_each_tenant_has_its_own_key(cast: Cast) -> None:
    with cast.at_acme():
        sealed = sealing.seal_value(b"x", purpose="test", place="p")
    with cast.at_globex():
        sealing.seal_value(b"x", purpose="test", place="p")
        with pytest.raises(keyring.CannotOpen):
            sealing.open_value(sealed, purpose="test", place="p")
    with cast.at_acme():
        assert DataKey.objects.filter(purpose="test").count() == 1


def test_a_live_token_is_known_by_its_text(cast: Cast) -> None:
    with cast.at_acme():
        token, text = _issue(cast)
        assert tokens.tenant_of(text) == cast.acme.pk
        checked = tokens.check_token(text, kind=token.kind, address="10.0.0.1", now=database_now())
    assert checked == token


@pytest.mark.parametrize("text", ["", "bwk_", "bwk_x_y", "other_aaaa_bbbb", "bwk_é_y", "\x00"])
def test_what_is_no_token_names_no_tenant(text: str) -> None:
    assert tokens.tenant_of(text) is None


def test_a_token_ends(cast: Cast) -> None:
    with cast.at_acme():
        token, text = _issue(cast)
        assert not tokens.is_dead(token, address="10.0.0.1", now=database_now())
        tokens.end_token(actor=cast.alice, token_id=token.pk, now=database_now())
        assert tokens.is_dead(
            IssuedToken.objects.get(pk=token.pk), address="10.0.0.1", now=database_now()
        )
        with pytest.raises(TokenRefused, match="ended"):
            tokens.check_token(text, kind=token.kind, address="", now=database_now())


def test_a_token_expires_by_database_time_whatever_the_caller_says(cast: Cast) -> None:
    long_ago = database_now() - timedelta(hours=2)
    with cast.at_acme():
        token, text = _issue(cast, now=long_ago, expires_at=long_ago + timedelta(hours=1))
        with pytest.raises(TokenRefused, match="expired"):
            tokens.check_token(text, kind=token.kind, address="", now=long_ago)


@pytest.mark.parametrize(
    ("address", "lives"),
    [("192.0.2.7", True), ("198.51.100.1", False), ("not an address", False), ("::1", False)],
)
def test_a_token_stays_inside_its_networks(cast: Cast, address: str, lives: bool) -> None:
    with cast.at_acme():
        token, _ = _issue(cast, networks=["192.0.2.0/24"])
        assert tokens.is_dead(token, address=address, now=database_now()) is not lives


def test_a_key_made_in_a_part_that_was_undone_is_not_used_by_the_rest(cast: Cast) -> None:
    with cast.at_acme():
        with transaction.atomic():
            sealing.seal_value(b"lost", purpose="test.undone", place="here")
            transaction.set_rollback(True)
        sealed = sealing.seal_value(b"kept", purpose="test.undone", place="here")
        again = sealing.seal_value(b"too", purpose="test.undone", place="here")
        sealing.forget()

        assert sealing.open_value(sealed, purpose="test.undone", place="here") == b"kept"
        assert again[:16] == sealed[:16]


def test_a_key_whose_making_was_undone_is_never_used_again(cast: Cast) -> None:
    """A process that remembered it would seal values that nobody can open after a restart."""
    with cast.at_acme():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            sealing.seal_value(b"x", purpose="undone", place="p")
            sealing.seal_value(b"y", purpose="undone", place="p")
            raise ZeroDivisionError
        sealed = sealing.seal_value(b"x", purpose="undone", place="p")
        sealing.forget()
        assert sealing.open_value(sealed, purpose="undone", place="p") == b"x"


@pytest.mark.parametrize("sealed", [b"", b"short", bytes(60)])
def test_bytes_that_were_never_sealed_do_not_open(cast: Cast, sealed: bytes) -> None:
    with cast.at_acme(), pytest.raises(keyring.CannotOpen):
        sealing.open_value(sealed, purpose="test", place="p")
