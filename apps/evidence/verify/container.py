"""Pins the parts of a CMS signature that its own signature does not cover.

A CMS signs its signed attributes only. Versions, algorithm lists, carried certificates and
unsigned attributes around them could be changed unseen (RFC 5652, 5.4), so each of them must have
the one form it can have, and every carried certificate must also stand under the seal's digest.
"""

from asn1crypto import algos, cms, core, x509

from .der import has_canonical_lengths
from .report import Exit, Problem

_DIGESTS = ("sha256", "sha384", "sha512")
_METHODS = tuple(f"{d}_{kind}" for d in _DIGESTS for kind in ("rsa", "ecdsa"))
_PLAIN_RSA = "rsassa_pkcs1v15"


def read_container(der: bytes, *, known: set[bytes]) -> cms.SignedData:
    """Return the seal's SignedData; ``known`` are the certificates (DER) under the digest."""
    signed = _signed_data(der, kind=Exit.SIGNATURE, version="v1", content="data", known=known)
    if not _is_absent(signed["encap_content_info"]["content"]):
        raise Problem(Exit.SIGNATURE, "the seal carries content of its own")
    if signed["signer_infos"][0]["signature_algorithm"]["algorithm"].native == _PLAIN_RSA:
        raise Problem(Exit.SIGNATURE, "the seal does not name its digest with its method")
    return signed


def read_token(seal: cms.SignedData, *, known: set[bytes]) -> cms.SignedData:
    """Return the SignedData of the one timestamp token the seal carries."""
    unsigned = seal["signer_infos"][0]["unsigned_attrs"]
    if _is_absent(unsigned) or len(unsigned) != 1:
        raise Problem(Exit.TIMESTAMP, "the seal carries no timestamp, or something besides it")
    attribute = unsigned[0]
    if attribute["type"].native != "signature_time_stamp_token" or len(attribute["values"]) != 1:
        raise Problem(Exit.TIMESTAMP, "the seal carries something else in place of a timestamp")
    token = _signed_data(
        attribute["values"][0].dump(),
        kind=Exit.TIMESTAMP,
        version="v3",
        content="tst_info",
        known=known,
    )
    if not _is_absent(token["signer_infos"][0]["unsigned_attrs"]):
        raise Problem(Exit.TIMESTAMP, "the timestamp carries attributes that nothing signs")
    return token


def names_its_methods(signed: cms.SignedData) -> bool:
    """Whether the signed attributes bind the algorithms (RFC 6211)."""
    attributes = signed["signer_infos"][0]["signed_attrs"]
    return any(one["type"].native == "cms_algorithm_protection" for one in attributes)


def _signed_data(
    der: bytes, *, kind: Exit, version: str, content: str, known: set[bytes]
) -> cms.SignedData:
    info = cms.ContentInfo.load(der, strict=True)
    signed = info["content"]
    if info["content_type"].native != "signed_data" or len(signed["signer_infos"]) != 1:
        raise Problem(kind, "not a signature by one signer")
    signer = signed["signer_infos"][0]
    pins = {
        "version": signed["version"].native == version,
        "signer version": signer["version"].native == "v1",
        "content type": signed["encap_content_info"]["content_type"].native == content,
        "digest": signer["digest_algorithm"].dump() in _digests(),
        "digest list": [one.dump() for one in signed["digest_algorithms"]]
        == [signer["digest_algorithm"].dump()],
        "method": signer["signature_algorithm"].dump() in _methods(),
        "revocation list": _is_absent(signed["crls"]),
        "certificates": _certificates_known(signed, known),
        "signer": signer["sid"].dump() in _signers(signed),
        "encoding": has_canonical_lengths(der),
        "fields": all(map(_holds_no_more, (info, signed, signed["encap_content_info"], signer))),
    }
    for name, holds in pins.items():
        if not holds:
            raise Problem(kind, f"the part of the signature called {name} was changed")
    return signed


def _holds_no_more(value: core.Sequence) -> bool:
    """Whether a sequence holds its known fields and not a byte besides."""
    parts = [value[name].dump() for name in value]
    return bool(value.contents == b"".join(parts))


def _certificates_known(signed: cms.SignedData, known: set[bytes]) -> bool:
    carried = signed["certificates"]
    return not _is_absent(carried) and all(
        one.name == "certificate" and one.chosen.dump() in known for one in carried
    )


def _signers(signed: cms.SignedData) -> set[bytes]:
    certificates: list[x509.Certificate] = [one.chosen for one in signed["certificates"]]
    return {
        cms.SignerIdentifier(
            {
                "issuer_and_serial_number": {
                    "issuer": one.issuer,
                    "serial_number": one.serial_number,
                }
            }
        ).dump()
        for one in certificates
    }


def _digests() -> set[bytes]:
    """Both spellings of each digest: parameters left out or NULL (RFC 5754, 2)."""
    forms: tuple[dict[str, core.Null], ...] = ({}, {"parameters": core.Null()})
    return {
        algos.DigestAlgorithm({"algorithm": name, **form}).dump()
        for name in _DIGESTS
        for form in forms
    }


def _methods() -> set[bytes]:
    forms: tuple[dict[str, core.Null], ...] = ({}, {"parameters": core.Null()})
    return {
        algos.SignedDigestAlgorithm({"algorithm": name, **form}).dump()
        for name in (*_METHODS, _PLAIN_RSA)
        for form in forms
    }


def _is_absent(value: object) -> bool:
    return isinstance(value, core.Void)
