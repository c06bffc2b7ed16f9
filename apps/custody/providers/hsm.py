"""Key-encryption keys inside a PKCS #11 token: AES-256 keys that cannot be read, only used.

Options: MODULE (the vendor's library), TOKEN (its label), PIN or PIN_FILE, KEY (the label of the
current AES-256 key; older ones stay in the token for unwrapping).

AES-GCM (PKCS #11 v2.40 §2.12.5) with the place as associated data. The token also makes the
P-256 keys that seal packs; they never leave it either.
"""

import os
from collections.abc import Callable
from typing import Any, TypeVar

import pkcs11
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
from pkcs11.util.ec import encode_named_curve_parameters

from apps.common.keyring import NONCE_BYTES, CannotOpen
from apps.custody.providers.base import KeysRefused, KeysUnavailable, Options
from apps.custody.providers.hsm_session import Module, Opened

T = TypeVar("T")
TAG_BITS = 128
# SoftHSM says GeneralError where the standard has EncryptedDataInvalid.
_MAY_BE_TAMPERED = (
    pkcs11.EncryptedDataInvalid,
    pkcs11.EncryptedDataLenRange,
    pkcs11.GeneralError,
    pkcs11.DataInvalid,
)
_REFUSED = (
    pkcs11.PinIncorrect,
    pkcs11.PinExpired,
    pkcs11.PinLocked,
    pkcs11.PinInvalid,
    pkcs11.NoSuchToken,
    pkcs11.MechanismInvalid,
    pkcs11.NoSuchKey,
    pkcs11.MultipleObjectsReturned,
)


class Pkcs11Provider:
    """One login to one token, used by one call at a time; lost sessions are opened anew."""

    def __init__(self, options: Options) -> None:
        self.name = options.name
        self._key_label = options.need("KEY")
        self._label = options.need("TOKEN")
        self._pin = options.secret("PIN")
        self._module = Module.at(options.need("MODULE"))

    def current_key_id(self) -> str:
        return self._key_label

    def wrap(self, data_key: bytes, *, key_id: str, place: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._run(lambda opened: _encrypt(opened, key_id, nonce, data_key, place))

    def unwrap(self, wrapped: bytes, *, key_id: str, place: str) -> bytes:
        nonce, data = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]

        def decrypt(opened: Opened) -> bytes:
            key = opened.secret_key(key_id)
            try:
                plain: bytes = key.decrypt(
                    data, mechanism=Mechanism.AES_GCM, mechanism_param=_gcm(nonce, place)
                )
            except _MAY_BE_TAMPERED as error:
                _encrypt(opened, key_id, os.urandom(NONCE_BYTES), b"well?", place)
                raise CannotOpen("the wrapped key does not open in this place") from error
            return plain

        return self._run(decrypt)

    def make_signing_key(self, label: str) -> bytes:
        """Make a P-256 key pair in the token: sensitive, not extractable. Returns SPKI (DER)."""

        def make(opened: Opened) -> bytes:
            parameters = opened.session.create_domain_parameters(
                KeyType.EC,
                {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")},
                local=True,
            )
            public, _ = parameters.generate_keypair(
                store=True,
                label=label,
                private_template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
            )
            return _spki(bytes(public[Attribute.EC_POINT]))

        return self._run(make, writing=True)

    def sign_digest(self, label: str, digest: bytes) -> bytes:
        """ECDSA over a SHA-256 digest, DER (RFC 3279 §2.2.3)."""

        def sign(opened: Opened) -> bytes:
            key: Any = opened.session.get_key(label=label, object_class=ObjectClass.PRIVATE_KEY)
            raw: bytes = key.sign(digest, mechanism=Mechanism.ECDSA)
            half = len(raw) // 2
            return encode_dss_signature(
                int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big")
            )

        return self._run(sign)

    def _run(self, act: Callable[[Opened], T], *, writing: bool = False) -> T:
        """`act` on an open session, once more on a new one when the first was lost."""
        try:
            return self._module.run(self._label, self._pin, act, writing=writing)
        except _REFUSED as error:
            raise KeysRefused(
                f"The token of {self.name} refused: {type(error).__name__}."
            ) from error
        except (pkcs11.PKCS11Error, TimeoutError) as error:
            raise KeysUnavailable(f"The token of {self.name} does not answer.") from error


def _encrypt(opened: Opened, label: str, nonce: bytes, plain: bytes, place: str) -> bytes:
    sealed: bytes = opened.secret_key(label).encrypt(
        plain, mechanism=Mechanism.AES_GCM, mechanism_param=_gcm(nonce, place)
    )
    return sealed


def _gcm(nonce: bytes, place: str) -> pkcs11.GCMParams:
    return pkcs11.GCMParams(nonce, place.encode(), TAG_BITS)


def _spki(point: bytes) -> bytes:
    """EC_POINT is an OCTET STRING around the uncompressed point (PKCS #11 v2.40 §2.3.3)."""
    raw = point[2:] if point[:2] == b"\x04\x41" else point
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
