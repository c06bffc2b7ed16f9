"""Each key provider: it binds to a place, gives nothing away, and says in words why not."""

from pathlib import Path
from typing import Any

import boto3
import pkcs11
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pkcs11 import Attribute, ObjectClass
from pytest_django.fixtures import Settings

from apps.common.keyring import CannotOpen
from apps.custody import envelope, providers, sealkey
from apps.custody.models import SigningKey
from apps.custody.providers.base import KeyProvider, KeysRefused, KeysUnavailable, Misconfigured
from apps.custody.providers.hsm_session import Module
from apps.custody.providers.tokens import token_named
from tests.custody.conftest import PIN, REGION, Configure
from tests.fakes.vault import FakeVault

KEY = bytes(range(32))
PLACE = "tenant/purpose/1"


def make_kms_key(aws: str) -> str:
    kms = boto3.client("kms", region_name=REGION, endpoint_url=aws)
    return str(kms.create_key()["KeyMetadata"]["Arn"])


@pytest.fixture(params=["local", "pkcs11", "kms", "vault"])
def provider(request: pytest.FixtureRequest, configure: Configure) -> KeyProvider:
    """Each kind in turn, as its settings make it."""
    options: dict[str, str] = {}
    if request.param == "pkcs11":
        options = request.getfixturevalue("hsm_options")
    if request.param == "kms":
        aws = request.getfixturevalue("aws")
        options = {"KMS_KEY": make_kms_key(aws), "KMS_REGION": REGION, "KMS_ENDPOINT": aws}
    if request.param == "vault":
        fake = request.getfixturevalue("vault")
        options = {"VAULT_URL": fake.url, "VAULT_TOKEN": fake.token, "VAULT_KEY": "console"}
    configure(request.param, **options)
    (made,) = providers.providers_for("test")
    return made


def test_a_wrapped_key_opens_in_its_place_and_nowhere_else(provider: KeyProvider) -> None:
    key_id = provider.current_key_id()
    wrapped = provider.wrap(KEY, key_id=key_id, place=PLACE)
    assert KEY not in wrapped
    assert provider.unwrap(wrapped, key_id=key_id, place=PLACE) == KEY
    with pytest.raises(CannotOpen):
        provider.unwrap(wrapped, key_id=key_id, place="tenant/purpose/2")
    assert provider.unwrap(wrapped, key_id=key_id, place=PLACE) == KEY


def test_a_changed_wrap_does_not_open(provider: KeyProvider) -> None:
    key_id = provider.current_key_id()
    wrapped = provider.wrap(KEY, key_id=key_id, place=PLACE)
    for bit in (1, 64):  # in text that is base64, the second leaves its alphabet
        changed = wrapped[:-6] + bytes([wrapped[-6] ^ bit]) + wrapped[-5:]
        with pytest.raises(CannotOpen):
            provider.unwrap(changed, key_id=key_id, place=PLACE)


def test_a_key_nobody_made_is_refused_for_good(provider: KeyProvider) -> None:
    missing = "00000000-0000-4000-8000-000000000000"
    with pytest.raises((KeysRefused, CannotOpen)):
        provider.wrap(KEY, key_id=missing, place=PLACE)


def test_the_tokens_key_cannot_be_read(hsm_options: dict[str, str]) -> None:
    def read(opened: Any) -> None:
        key = opened.secret_key("kek-1")
        assert key[Attribute.EXTRACTABLE] is False
        with pytest.raises(pkcs11.AttributeSensitive):
            _ = key[Attribute.VALUE]

    Module.at(hsm_options["PKCS11_MODULE"]).run("console", PIN, read, writing=False)


def test_a_lost_token_is_unavailable_and_works_again_when_it_is_back(
    configure: Configure, hsm_options: dict[str, str], softhsm: Path
) -> None:
    configure("pkcs11", **hsm_options)
    (hsm,) = providers.providers_for("test")
    wrapped = hsm.wrap(KEY, key_id="kek-1", place=PLACE)
    (softhsm / "tokens").rename(softhsm / "unplugged")
    try:
        with pytest.raises(KeysUnavailable):
            hsm.unwrap(wrapped, key_id="kek-1", place=PLACE)
    finally:
        (softhsm / "unplugged").rename(softhsm / "tokens")
    assert hsm.unwrap(wrapped, key_id="kek-1", place=PLACE) == KEY


def test_a_wrong_pin_is_tried_once(configure: Configure, hsm_options: dict[str, str]) -> None:
    """A token locks itself after a few."""
    configure("hsm=pkcs11", **{k.replace("PKCS11", "HSM"): v for k, v in hsm_options.items()})
    right = providers.provider_named("hsm")
    module = Module.at(hsm_options["PKCS11_MODULE"])
    module.forget()
    for _ in range(20):
        with pytest.raises((KeysRefused, pkcs11.PinIncorrect)):
            module.run("console", "wrong", lambda opened: None, writing=False)
    assert right is not None
    assert right.wrap(KEY, key_id="kek-1", place=PLACE)


def test_a_vault_that_is_sealed_or_gone_is_unavailable(
    configure: Configure, vault: FakeVault
) -> None:
    configure("vault", VAULT_URL=vault.url, VAULT_TOKEN=vault.token, VAULT_KEY="console")
    (provider,) = providers.providers_for("test")
    vault.answers_with = 503
    with pytest.raises(KeysUnavailable):
        provider.wrap(KEY, key_id="console", place=PLACE)
    vault.answers_with = 0
    assert provider.wrap(KEY, key_id="console", place=PLACE)
    vault.token = "another"
    with pytest.raises(KeysRefused, match="Forbidden"):
        provider.wrap(KEY, key_id="console", place=PLACE)


def test_what_a_vault_wrapped_before_its_key_was_rotated_still_opens(
    configure: Configure, vault: FakeVault
) -> None:
    configure("vault", VAULT_URL=vault.url, VAULT_TOKEN=vault.token, VAULT_KEY="console")
    (provider,) = providers.providers_for("test")
    wrapped = provider.wrap(KEY, key_id="console", place=PLACE)
    vault.rotate("console")
    assert provider.wrap(KEY, key_id="console", place=PLACE).startswith(b"vault:v2:")
    assert provider.unwrap(wrapped, key_id="console", place=PLACE) == KEY


def test_a_kms_nobody_answers_at_is_unavailable(configure: Configure, aws: str) -> None:
    configure("kms", KMS_KEY="k", KMS_REGION=REGION, KMS_ENDPOINT="http://127.0.0.1:9")
    (provider,) = providers.providers_for("test")
    with pytest.raises(KeysUnavailable):
        provider.wrap(KEY, key_id="k", place=PLACE)


@pytest.mark.parametrize(
    ("kind", "missing"), [("pkcs11", "CUSTODY_PKCS11_KEY"), ("kms", "CUSTODY_KMS_KEY")]
)
def test_a_missing_option_is_named(configure: Configure, kind: str, missing: str) -> None:
    configure(kind)
    with pytest.raises(Misconfigured, match=missing):
        providers.providers_for("test")


def test_seals_can_be_signed_inside_the_token(
    db: None, settings: Settings, configure: Configure, hsm_options: dict[str, str]
) -> None:
    configure("local", "pkcs11", **hsm_options)
    settings.CUSTODY_SEAL_PROVIDER = "pkcs11"
    signer = sealkey.seal_signer(lambda public: (b"certificate", ()))
    row = SigningKey.objects.get(purpose=sealkey.SEALS)
    public = load_der_public_key(bytes(row.public))
    assert isinstance(public, ec.EllipticCurvePublicKey)
    public.verify(signer.sign(b"pack"), b"pack", ec.ECDSA(SHA256()))
    assert (signer.where, row.wraps) == ("pkcs11", [])

    def read(opened: Any) -> None:
        key = opened.session.get_key(label=row.token_label, object_class=ObjectClass.PRIVATE_KEY)
        with pytest.raises(pkcs11.AttributeSensitive):
            _ = key[Attribute.VALUE]

    Module.at(hsm_options["PKCS11_MODULE"]).run("console", PIN, read, writing=False)


def test_only_a_token_can_hold_a_signing_key(configure: Configure) -> None:
    configure("local")
    with pytest.raises(Misconfigured, match="PKCS #11"):
        token_named("local")


def test_losing_either_of_two_providers_loses_nothing(
    configure: Configure, hsm_options: dict[str, str], vault: FakeVault, softhsm: Path
) -> None:
    both = {"VAULT_URL": vault.url, "VAULT_TOKEN": vault.token, "VAULT_KEY": "console"}
    configure("pkcs11", "vault", **hsm_options, **both)
    wraps = envelope.wrap(KEY, purpose="test", place=PLACE)
    assert [each.provider for each in wraps] == ["pkcs11", "vault"]
    (softhsm / "tokens").rename(softhsm / "unplugged")
    try:
        assert envelope.unwrap(wraps, place=PLACE) == KEY
        alone = envelope.wrap(KEY, purpose="test", place=PLACE)
        assert [each.provider for each in alone] == ["vault"]
        vault.answers_with = 503
        with pytest.raises(KeysUnavailable):
            envelope.unwrap(wraps, place=PLACE)
    finally:
        (softhsm / "unplugged").rename(softhsm / "tokens")
    providers.circuit.forget()
    assert envelope.unwrap(wraps, place=PLACE) == KEY
