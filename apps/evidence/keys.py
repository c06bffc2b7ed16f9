"""Keys that sign packs: the tenant's manifest key, the installation's sealing authority."""

from datetime import datetime
from pathlib import Path

from asn1crypto import pem, x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.conf import settings
from django.db import IntegrityError, transaction

from apps.common import keyring
from apps.custody.sealkey import seal_signer
from apps.evidence.models import ManifestKey
from apps.evidence.pack.errors import SealFailed
from apps.evidence.pack.manifest import KeyInMemory
from apps.evidence.pack.pki import LocalAuthority
from apps.evidence.pack.seal import PadesSealer, RemoteSigner, StampService

PKI_PURPOSE = "evidence.pki"
PKI_PLACE = "evidence/pki"


def manifest_signer() -> KeyInMemory:
    """The open tenant's manifest signer; its key is made on first use and rests sealed."""
    row = ManifestKey.objects.first() or _make_key()
    key = load_pem_private_key(str(row.private_pem).encode(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("the manifest key is no Ed25519 key")
    return KeyInMemory(key)


def sealing_authority(now: datetime) -> LocalAuthority:
    """The installation's own authority, its private keys wrapped under the keyring.

    It proves that this installation sealed the file. A trust service's seal and timestamp take
    its place where legal effect is asked for (eIDAS).
    """
    return LocalAuthority.open(authority_directory(), wrap=_wrap, unwrap=_unwrap, now=now)


def pack_sealer(now: datetime) -> PadesSealer:
    """The sealer that the settings name: whose key seals, and who stamps the time.

    ``EVIDENCE_SEAL_KEY`` is ``custody`` (its sealing key, in a PKCS #11 token where
    ``CUSTODY_SEAL_PROVIDER`` says so) or ``local``. Raises `SealFailed`.
    """
    authority = sealing_authority(now)
    signer = _custody_signer(authority, now) if settings.EVIDENCE_SEAL_KEY == "custody" else None
    return PadesSealer.local(authority, now=now, signer=signer, stamps=_stamp_service())


def _custody_signer(authority: LocalAuthority, now: datetime) -> RemoteSigner:
    found = seal_signer(lambda public: authority.certify(public, now=now))
    chain = (_certificate(each) for each in found.chain)
    return RemoteSigner(_certificate(found.certificate_pem), chain, found.sign)


def _certificate(pem_bytes: bytes) -> x509.Certificate:
    return x509.Certificate.load(pem.unarmor(pem_bytes)[2])


def _stamp_service() -> StampService | None:
    if not settings.EVIDENCE_TSA_URL:
        return None
    named = settings.EVIDENCE_TSA_CERTIFICATES
    try:
        bundle = Path(named).read_bytes() if named else b""
    except OSError as error:
        raise SealFailed(f"EVIDENCE_TSA_CERTIFICATES: {named} cannot be read") from error
    return StampService.read(settings.EVIDENCE_TSA_URL, bundle)


def authority_directory() -> Path:
    """Where certificates, revocation lists and wrapped keys rest."""
    return Path(settings.VAR) / "pki"


def _make_key() -> ManifestKey:
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = KeyInMemory(private).public_key_pem
    try:
        with transaction.atomic():
            return ManifestKey.objects.create(private_pem=pem.decode(), public_pem=public.decode())
    except IntegrityError:  # another worker made it first
        return ManifestKey.objects.get()


def _wrap(data: bytes) -> bytes:
    key_id = keyring.current_key_id()
    sealed = keyring.seal(keyring.derived_key(PKI_PURPOSE, key_id), data, place=PKI_PLACE)
    return f"{key_id}:".encode() + sealed


def _unwrap(data: bytes) -> bytes:
    key_id, _, sealed = data.partition(b":")
    key = keyring.derived_key(PKI_PURPOSE, key_id.decode())
    return keyring.open_sealed(key, sealed, place=PKI_PLACE)
