"""A tenant's own key: around its data keys, revoked at once, restored by the same key alone."""

import base64
import os
import subprocess
import sys
import uuid

import boto3
import pytest
from django.db import connection, transaction

from apps.accounts.models import User
from apps.common.clock import database_now
from apps.common.errors import Conflict, Denied, Invalid
from apps.common.scope import scoped
from apps.custody import owning, remembering, rewrapping, sealing
from apps.custody.access import emergency_access
from apps.custody.models import DataKey, TenantKey
from apps.custody.outer import OwnKeyRevoked
from apps.custody.providers.base import KeysUnavailable
from apps.ledger.models import Event
from tests.cast import Cast, make_cast
from tests.custody.conftest import REGION, Configure
from tests.custody.test_rotation import prove

PLACE = "p"


def own_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def supply(actor: User, given: str) -> TenantKey:
    factor = prove(actor, owning.DECISION, "supply")
    return owning.supply_key(actor=actor, given=given, factor=factor, now=database_now())


def revoke(actor: User) -> TenantKey:
    factor = prove(actor, owning.DECISION, "revoke")
    return owning.revoke_key(actor=actor, factor=factor, now=database_now())


def seal(text: bytes = b"x") -> bytes:
    return sealing.seal_value(text, purpose="test", place=PLACE)


def opens(sealed: bytes) -> bytes:
    sealing.forget()
    return sealing.open_value(sealed, purpose="test", place=PLACE)


def test_the_own_key_goes_around_old_and_new_data_keys(cast: Cast) -> None:
    with cast.at_acme():
        before, given = seal(), own_key()
        made = supply(cast.alice, given)
        assert DataKey.objects.get(purpose="test").outer == made
        other = sealing.seal_value(b"z", purpose="later", place=PLACE)
        assert DataKey.objects.get(purpose="later").outer == made
        assert opens(before) == b"x"
        assert sealing.open_value(other, purpose="later", place=PLACE) == b"z"
        with connection.cursor() as cursor:
            cursor.execute("select k::text from custody_tenantkey k")
            resting = cursor.fetchone()[0]
        assert given not in resting
        assert base64.b64decode(given).hex() not in resting


def test_revoked_nothing_opens_or_seals_and_the_same_key_restores_it(cast: Cast) -> None:
    with cast.at_acme():
        given = own_key()
        sealed = seal()
        supply(cast.alice, given)
        assert opens(sealed) == b"x"
        revoked = revoke(cast.alice)
        assert revoked.wraps == []
        with pytest.raises(OwnKeyRevoked, match="supplies the same key"):
            opens(sealed)
        with pytest.raises(OwnKeyRevoked):
            seal()
        with pytest.raises(OwnKeyRevoked), transaction.atomic():
            sealing.seal_value(b"z", purpose="never before", place=PLACE)
        with pytest.raises(Invalid, match="another key"), transaction.atomic():
            supply(cast.alice, own_key())
        supply(cast.alice, given)
        assert opens(sealed) == b"x"
        told = list(
            Event.objects.filter(target_type="custody.tenantkey").values_list("action", flat=True)
        )
        assert sorted(told) == [
            "custody.own_key.restored",
            "custody.own_key.revoked",
            "custody.own_key.supplied",
        ]


def test_replacing_the_own_key_leaves_nothing_under_the_old_one(cast: Cast) -> None:
    with cast.at_acme():
        sealed = seal()
        first, second = own_key(), own_key()
        supply(cast.alice, first)
        made = supply(cast.alice, second)
        assert (made.version, TenantKey.objects.get(version=1).wraps) == (2, [])
        assert opens(sealed) == b"x"
        with pytest.raises(Conflict, match="in use already"), transaction.atomic():
            supply(cast.alice, second)


def test_emergencies_and_the_ledgers_personal_values_stand_outside(cast: Cast) -> None:
    with cast.at_acme():
        token = sealing.seal_value(b"t", purpose="custody.tokens", place=PLACE)
        person = sealing.seal_value(b"p", purpose="custody.subjects", place=PLACE)
        supply(cast.alice, own_key())
        revoke(cast.alice)
        sealing.forget()
        with emergency_access():
            assert sealing.open_value(token, purpose="custody.tokens", place=PLACE) == b"t"
        assert sealing.open_value(person, purpose="custody.subjects", place=PLACE) == b"p"


def test_one_tenants_revocation_leaves_others_alone(cast: Cast) -> None:
    with cast.at_globex():
        theirs = seal(b"theirs")
    with cast.at_acme():
        seal()
        supply(cast.alice, own_key())
        revoke(cast.alice)
    with cast.at_globex():
        assert opens(theirs) == b"theirs"
        assert TenantKey.objects.count() == 0


def test_providers_can_be_changed_while_the_own_key_is_revoked(
    cast: Cast, configure: Configure, hsm_options: dict[str, str]
) -> None:
    with cast.at_acme():
        given = own_key()
        sealed = seal()
        supply(cast.alice, given)
        revoke(cast.alice)
        configure("local", "pkcs11", **hsm_options)
        row = DataKey.objects.get(purpose="test")
        assert rewrapping.rewrap_data_key(row.pk)
        supply(cast.alice, given)
        assert opens(sealed) == b"x"


@pytest.mark.parametrize(
    "given",
    ["", "short", base64.b64encode(b"x" * 31).decode(), base64.b64encode(bytes(32)).decode(),
     "arn:aws:kms:eu-central-1:1:key/x", "http://169.254.169.254/"],
)  # fmt: skip
def test_what_is_no_key_is_refused_in_words_and_changes_nothing(cast: Cast, given: str) -> None:
    with cast.at_acme():
        seal()
        with pytest.raises(Invalid, match="32 random bytes") as refused, transaction.atomic():
            supply(cast.alice, given)
        assert refused.value.field == "key"
        assert TenantKey.objects.count() == 0


def test_only_those_who_manage_keys_supply_and_revoke(cast: Cast) -> None:
    with cast.at_acme("bob") as bob:
        with pytest.raises(Denied), transaction.atomic():
            supply(bob, own_key())
        with pytest.raises(Denied), transaction.atomic():
            revoke(bob)


def test_a_key_in_the_tenants_own_aws_account(cast: Cast, configure: Configure, aws: str) -> None:
    configure("local", OWN_ENDPOINT=aws)
    kms = boto3.client("kms", region_name=REGION, endpoint_url=aws)
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    with cast.at_acme():
        sealed = seal()
        made = supply(cast.alice, arn)
        assert (made.kind, made.wraps) == ("kms", [])
        assert opens(sealed) == b"x"
        configure("local", OWN_ENDPOINT="http://127.0.0.1:9")
        with pytest.raises(KeysUnavailable):
            opens(sealed)
        configure("local", OWN_ENDPOINT=aws)
        assert opens(sealed) == b"x"


ANOTHER_PROCESS = """
import sys, time, django
django.setup()
from uuid import UUID
from django.db import connection
from apps.common.scope import scoped
from apps.custody import sealing
from apps.custody.outer import OwnKeyRevoked
connection.settings_dict["NAME"] = sys.argv[1]
tenant, sealed = UUID(sys.argv[2]), bytes.fromhex(sys.argv[3])
for _ in range(200):
    with scoped(tenant_id=tenant):
        try:
            sealing.open_value(sealed, purpose="test", place="p")
            print("opens", flush=True)
        except OwnKeyRevoked:
            print("revoked", flush=True)
            break
    time.sleep(0.1)
"""


@pytest.mark.django_db(transaction=True)
def test_another_process_that_holds_the_key_lets_go_of_it_within_seconds() -> None:
    cast = make_cast()
    with cast.at_acme():
        sealed = seal()
    with cast.at_acme():
        supply(cast.alice, own_key())
    name = str(connection.settings_dict["NAME"])
    other = subprocess.Popen(
        [sys.executable, "-c", ANOTHER_PROCESS, name, str(cast.acme.pk), sealed.hex()],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "opens\n"
        with cast.at_acme():
            revoke(cast.alice)
        told_at = database_now()
        lines = list(other.stdout)
        other.wait(30)
    finally:
        other.kill()
    assert lines[-1] == "revoked\n"
    assert (database_now() - told_at).total_seconds() < remembering.CHECK_S + 4
    with scoped(tenant_id=cast.globex.pk), pytest.raises(Exception, match="no such key"):
        sealing.open_value(uuid.uuid4().bytes + sealed[16:], purpose="test", place=PLACE)
