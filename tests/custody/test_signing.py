"""Signing keys of the installation: made at first need, rotated with overlap, remembered."""

import re
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from apps.common.clock import database_now
from apps.common.errors import Invalid
from apps.custody import making, sealkey, signing
from apps.custody.models import SigningKey
from apps.ledger import signing as ledger_signing
from apps.ledger import verify
from apps.ledger.models import Event
from apps.ledger.selectors import data_of
from tests.cast import Cast, make_cast
from tests.custody.owning import as_owner

PURPOSE = "test.signing"


def fresh_keys(purpose: str = PURPOSE) -> signing.SigningKeys:
    return signing.SigningKeys(purpose)


def test_the_first_key_is_made_at_first_need_and_signs(db: None) -> None:
    keys, now = fresh_keys(), database_now()
    (key,) = keys.active(now)
    Ed25519PublicKey.from_public_bytes(key.public).verify(key.sign(b"note"), b"note")
    assert [each.public for each in keys.public_history()] == [key.public]
    assert fresh_keys().active(database_now())[0].public == key.public


def test_two_who_make_the_first_key_agree_on_one(db: None) -> None:
    first = making.first_key(PURPOSE, SigningKey.Algorithm.ED25519)
    again = making.first_key(PURPOSE, SigningKey.Algorithm.ED25519)
    assert again.pk == first.pk


def test_a_key_whose_making_was_undone_is_forgotten(db: None) -> None:
    keys = fresh_keys()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        (undone,) = keys.active(database_now())
        raise ZeroDivisionError
    (kept,) = keys.active(database_now())
    assert kept.public != undone.public
    assert [each.public for each in keys.public_history()] == [kept.public]


def test_the_private_half_rests_wrapped_by_a_provider(db: None) -> None:
    making.first_key(PURPOSE, SigningKey.Algorithm.ED25519)
    row = SigningKey.objects.get(purpose=PURPOSE)
    seed = making.open_private(row)
    with connection.cursor() as cursor:
        cursor.execute("select k::text from custody_signingkey k where id = %s", [row.pk])
        resting = cursor.fetchone()[0]
    assert seed.hex() not in resting
    assert "local" in resting


@pytest.mark.parametrize(
    "attack",
    [
        "insert into custody_signingkey select gen_random_uuid(), purpose, 9, algorithm, public,"
        " wraps, '', '', active_from, null, now() from custody_signingkey",
        "update custody_signingkey set public = '\\x00'",
        "delete from custody_signingkey",
    ],
)
def test_the_serving_role_can_only_read_keys(db: None, attack: str) -> None:
    making.first_key(PURPOSE, SigningKey.Algorithm.ED25519)
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="permission denied"):
        with transaction.atomic():
            cursor.execute(attack)


def test_the_serving_role_is_told_who_may_rotate(db: None) -> None:
    with pytest.raises(CommandError, match="BAILIWICK_ROLE=owner"):
        call_command("rotate_signing_key", "--purpose", signing.CHECKPOINTS)


@pytest.fixture
def owner(transactional_db: None) -> Iterator[Cast]:
    """A cast of the schema's owner's making, undone after the test."""
    with as_owner():
        yield make_cast()


def test_during_the_overlap_old_and_new_sign_and_afterwards_the_new_alone(owner: Cast) -> None:
    keys = fresh_keys()
    now = database_now()
    (old,) = keys.active(now)
    made = making.rotate_signing_key(purpose=PURPOSE, overlap=timedelta(hours=2), now=now)
    soon, later = made.active_from + timedelta(hours=1), made.active_from + timedelta(hours=3)
    assert [key.public for key in keys.active(soon)] == [bytes(made.public), old.public]
    assert [key.public for key in keys.active(later)] == [bytes(made.public)]
    history = keys.public_history()
    assert [(each.public, each.until_at) for each in history] == [
        (old.public, made.active_from + timedelta(hours=2)),
        (bytes(made.public), None),
    ]


def test_every_tenants_ledger_tells_of_a_rotation(owner: Cast) -> None:
    (old,) = fresh_keys().active(database_now())
    made = making.rotate_signing_key(purpose=PURPOSE, overlap=timedelta(0), now=database_now())
    for at in (owner.at_acme, owner.at_globex):
        with at():
            told = data_of(
                Event.objects.get(action="custody.signing_key.rotated", target_id=str(made.pk))
            )
        assert verify.Key("log", 1, old.public).hands_over(told)
        assert not verify.Key("log", 1, bytes(made.public)).hands_over(told)


def test_an_overlap_that_cannot_be_meant_changes_nothing(owner: Cast) -> None:
    fresh_keys().active(database_now())
    with pytest.raises(Invalid, match="720 hours"):
        making.rotate_signing_key(purpose=PURPOSE, overlap=timedelta(days=31), now=database_now())
    assert SigningKey.objects.filter(purpose=PURPOSE).count() == 1


def test_the_command_rotates_and_says_so(owner: Cast) -> None:
    fresh_keys(signing.CHECKPOINTS).active(database_now())
    said = StringIO()
    call_command("rotate_signing_key", "--purpose", signing.CHECKPOINTS, stdout=said)
    assert re.search(r"signs from .* The old key signs for 24 h yet", said.getvalue())


def test_signing_asks_the_database_once_in_seconds(
    transactional_db: None, django_assert_num_queries: Any
) -> None:
    keys = fresh_keys("test.signing.quick")
    now = database_now()
    keys.active(now)
    keys.active(now)
    with django_assert_num_queries(0):
        for _ in range(10):
            keys.active(now)[0].sign(b"note")


def test_the_ledger_is_introduced_to_these_keys(db: None) -> None:
    assert ledger_signing.checkpoint_keys() is signing.checkpoint_keys()


def test_the_sealing_key_signs_under_the_certificate_it_is_given(db: None) -> None:
    seen: list[ec.EllipticCurvePublicKey] = []

    def certify(public: ec.EllipticCurvePublicKey) -> tuple[bytes, tuple[bytes, ...]]:
        seen.append(public)
        return b"certificate", (b"issuing", b"root")

    signer = sealkey.seal_signer(certify)
    seen[0].verify(signer.sign(b"pack"), b"pack", ec.ECDSA(SHA256()))
    assert (signer.certificate_pem, signer.chain[0]) == (b"certificate", b"issuing")
    assert signing.seal_signer(certify).where == "wrapped"
    assert seen[0].public_numbers() == seen[1].public_numbers()
