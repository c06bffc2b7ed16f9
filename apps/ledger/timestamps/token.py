"""Checking a timestamp token: what it stamps, when, and who signed it (RFC 3161, RFC 5652)."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from apps.ledger.timestamps.chain import require_trusted
from apps.ledger.timestamps.errors import TokenBad

_HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a checked token says. `at` is the service's time, `service` the signer's subject."""

    at: datetime
    serial: int
    service: str


def check_token(
    token: bytes,
    digest: bytes,
    *,
    roots: Sequence[x509.Certificate],
    nonce: int | None = None,
) -> Stamp:
    """Return what `token` says about `digest`, or raise `TokenBad`.

    The certificate is held against `roots` at the stamped moment. `nonce` is compared when given.
    """
    try:
        return _check(token, digest, roots=roots, nonce=nonce)
    except TokenBad:
        raise
    except Exception as error:
        # Two parsers read bytes of a stranger, lazily; neither has a common base for its errors.
        raise TokenBad("the timestamp token cannot be read") from error


def _check(
    token: bytes, digest: bytes, *, roots: Sequence[x509.Certificate], nonce: int | None
) -> Stamp:
    signed = _signed_data(token)
    content = signed["encap_content_info"]["content"].contents
    info = tsp.TSTInfo.load(content, strict=True)
    _require_imprint(info, digest)
    if nonce is not None and info["nonce"].native != nonce:
        raise TokenBad("the timestamp answers another request")
    if len(signed["signer_infos"]) != 1:
        raise TokenBad("a timestamp has exactly one signer")
    signer = signed["signer_infos"][0]
    if signer.native["version"] not in {"v1", "v3"}:  # `.native` reads every field there is
        raise TokenBad("the timestamp's signature is of a version that is not read")
    if [one.native for one in signed["digest_algorithms"]] != [signer["digest_algorithm"].native]:
        raise TokenBad("the timestamp names other hashes than its signature")
    certificates = [
        x509.load_der_x509_certificate(one.chosen.dump())
        for one in signed["certificates"]
        if one.name == "certificate"
    ]
    certificate = _signer_of(signer, certificates)
    _require_attributes(signer, content, certificate)
    _require_signature(signer, certificate)
    at: datetime = info["gen_time"].native
    require_trusted(certificate, certificates, roots=roots, at=at)
    return Stamp(at, info["serial_number"].native, certificate.subject.rfc4514_string())


def _signed_data(token: bytes) -> cms.SignedData:
    outer = cms.ContentInfo.load(token, strict=True)
    if outer["content_type"].native != "signed_data":
        raise TokenBad("a timestamp token is signed data")
    signed = outer["content"]
    if signed["version"].native != "v3":  # what RFC 5652, 5.1 asks of content of this type
        raise TokenBad("the timestamp is of a version that is not read")
    if signed["encap_content_info"]["content_type"].native != "tst_info":
        raise TokenBad("the signed data holds no timestamp")
    return signed


def _require_imprint(info: tsp.TSTInfo, digest: bytes) -> None:
    imprint = info["message_imprint"]
    if (
        imprint["hash_algorithm"]["algorithm"].native != "sha256"
        or imprint["hashed_message"].native != digest
    ):
        raise TokenBad("the timestamp stamps something else")


def _signer_of(
    signer: cms.SignerInfo, certificates: Sequence[x509.Certificate]
) -> x509.Certificate:
    sid = signer["sid"].chosen
    for certificate in certificates:
        if signer["sid"].name == "issuer_and_serial_number":
            same = certificate.serial_number == sid["serial_number"].native
            if same and certificate.issuer.public_bytes() == sid["issuer"].dump():
                return certificate
        else:
            found = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
            if found.value.digest == sid.native:
                return certificate
    raise TokenBad("the timestamp does not carry its signer's certificate")


def _require_attributes(
    signer: cms.SignerInfo, content: bytes, certificate: x509.Certificate
) -> None:
    """The signed attributes name the content, its digest and the certificate (RFC 5816)."""
    attributes = {one["type"].native: one["values"] for one in signer["signed_attrs"]}
    total = hashlib.new(_hash_name(signer["digest_algorithm"]), content).digest()
    if attributes["content_type"][0].native != "tst_info":
        raise TokenBad("the signature is over another kind of content")
    if attributes["message_digest"][0].native != total:
        raise TokenBad("the timestamp was changed after it was signed")
    if not _names(attributes, certificate):
        raise TokenBad("the signature does not name its certificate")


def _names(attributes: dict[str, Any], certificate: x509.Certificate) -> bool:
    der = certificate.public_bytes(Encoding.DER)
    if "signing_certificate_v2" in attributes:
        first = attributes["signing_certificate_v2"][0]["certs"][0]
        name = _hash_name(first["hash_algorithm"])
        return bool(first["cert_hash"].native == hashlib.new(name, der).digest())
    if "signing_certificate" in attributes:
        first = attributes["signing_certificate"][0]["certs"][0]
        # RFC 2634 fixes SHA-1 here; it names a certificate that is checked by its own signature.
        return bool(first["cert_hash"].native == hashlib.sha1(der, usedforsecurity=False).digest())
    return False


def _require_signature(signer: cms.SignerInfo, certificate: x509.Certificate) -> None:
    message = signer["signed_attrs"].untag().dump()
    signature = signer["signature"].native
    method = signer["signature_algorithm"]
    key = certificate.public_key()
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, message)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, message, ec.ECDSA(_signature_hash(signer)))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, _padding(method), _signature_hash(signer))
        else:
            raise TokenBad("the timestamp is signed with a kind of key that is not accepted")
    except InvalidSignature:
        raise TokenBad("the timestamp's signature is wrong") from None


def _padding(method: Any) -> padding.AsymmetricPadding:
    if method.signature_algo == "rsassa_pkcs1v15":
        return padding.PKCS1v15()
    if method.signature_algo == "rsassa_pss":
        chosen = _HASHES[method.hash_algo]()
        return padding.PSS(padding.MGF1(chosen), method["parameters"]["salt_length"].native)
    raise TokenBad("the timestamp is signed in a way that is not accepted")


def _signature_hash(signer: cms.SignerInfo) -> hashes.HashAlgorithm:
    """The signature's own hash; plain `rsaEncryption` leaves it to the digest (RFC 5754, 3.2)."""
    method = signer["signature_algorithm"]
    try:
        name = method.hash_algo
    except ValueError:
        name = _hash_name(signer["digest_algorithm"])
    if name not in _HASHES:
        raise TokenBad("the timestamp is signed over a hash that is not accepted")
    return _HASHES[name]()


def _hash_name(algorithm: Any) -> str:
    name = str(algorithm["algorithm"].native)
    if name not in _HASHES:
        raise TokenBad("the timestamp uses a hash that is not accepted")
    return name
