"""The seal itself: digest, signature, chain to a root, timestamp."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from asn1crypto import cms, tsp, x509
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.authority import CertTrustAnchor

from .container import names_its_methods, read_container, read_token
from .document import Document, signature_container
from .report import Exit, Problem


@dataclass(frozen=True)
class Sealed:
    """What the seal's signature came to, before anything is asked about trust."""

    status: PdfSignatureStatus
    token: cms.SignedData
    at: datetime
    trusts: tuple[x509.Certificate, ...]
    trust_given: bool


def check_integrity(document: Document, trusted: Sequence[x509.Certificate]) -> tuple[str, Sealed]:
    """Check the raw gap, the pinned parts, the digest over all bytes and the signature."""
    known = {one.dump() for one in document.certificates}
    seal = read_container(signature_container(document), known=known)
    token = read_token(seal, known=known)
    at = _token_info(token)["gen_time"].native
    trusts = tuple(trusted) or tuple(one for one in document.certificates if one.self_issued)
    status = validate_pdf_signature(
        document.signature,
        signer_validation_context=_validation(document, trusts, at),
        ts_validation_context=_validation(document, trusts, at),
        skip_diff=True,
    )
    if status.coverage != SignatureCoverageLevel.ENTIRE_FILE:
        raise Problem(Exit.SIGNATURE, "the signature does not cover the whole file")
    if not status.intact:
        raise Problem(
            Exit.SIGNATURE,
            "a byte of the file was changed after it was sealed",
            "somewhere outside the signature; the steps below may say in which part",
        )
    if not status.valid:
        raise Problem(Exit.SIGNATURE, "the signature itself does not match its key")
    name = status.signing_cert.subject.native.get("common_name", "unnamed")
    said = f"every byte is covered and unchanged; signed by “{name}”"
    return said, Sealed(status, token, at, trusts, bool(trusted))


def check_timestamp(sealed: Sealed) -> tuple[str, str]:
    """Check the RFC 3161 token over the seal and its chain; return the instant in words."""
    stamp = sealed.status.timestamp_validity
    if stamp is None or not (stamp.intact and stamp.valid):
        raise Problem(Exit.TIMESTAMP, "the timestamp does not belong to this seal")
    if not stamp.trusted:
        kind = Exit.TRUST if sealed.trust_given else Exit.TIMESTAMP
        raise Problem(kind, "the timestamp's certificate does not lead to the root")
    instant = sealed.at.strftime("%Y-%m-%d %H:%M:%S UTC")
    bound = "" if names_its_methods(sealed.token) else " (its algorithms are not bound, RFC 6211)"
    return f"sealed no later than {instant}{bound}", instant


def check_chain(sealed: Sealed) -> tuple[str, str]:
    """Check the seal's chain at the time of the timestamp; return the root's fingerprint."""
    status = sealed.status
    if not status.trusted or status.validation_path is None:
        if sealed.trust_given:
            raise Problem(Exit.TRUST, "the seal does not lead to the root given with --trust")
        raise Problem(Exit.SIGNATURE, f"the seal's chain does not hold ({_why(status)})")
    anchor = status.validation_path.trust_anchor
    if not isinstance(anchor, CertTrustAnchor):
        raise Problem(Exit.SIGNATURE, "the seal's chain does not end in a certificate")
    fingerprint = sha256(anchor.certificate.dump()).hexdigest()
    told = "the root you gave" if sealed.trust_given else "the root carried inside the file"
    return f"valid at that time, not revoked, leads to {told}", fingerprint


def _why(status: PdfSignatureStatus) -> str:
    reason = status.trust_problem_indic
    return str(reason.standard_name).lower().replace("_", " ") if reason else "no path"


def _token_info(token: cms.SignedData) -> tsp.TSTInfo:
    return token["encap_content_info"]["content"].parsed


def _validation(
    document: Document, trusts: tuple[x509.Certificate, ...], at: datetime
) -> ValidationContext:
    """Everything from inside the file, nothing fetched, judged at the time of the timestamp."""
    return ValidationContext(
        trust_roots=list(trusts),
        other_certs=document.certificates,
        crls=document.crls,
        allow_fetching=False,
        revocation_mode="require",
        moment=at,
    )
