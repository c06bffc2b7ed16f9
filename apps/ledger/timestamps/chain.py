"""Whether a certificate leads to a root we were told to trust, at a given moment.

Revocation is not asked for: a service's revocation list is as of today, a token is read in years.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import ExtendedKeyUsageOID

from apps.ledger.timestamps.errors import TokenBad

LONGEST_CHAIN = 8


def load_roots(path: Path) -> tuple[x509.Certificate, ...]:
    """The certificates of a PEM file. Raises `OSError` or `ValueError` when there are none."""
    return tuple(x509.load_pem_x509_certificates(path.read_bytes()))


def require_trusted(
    leaf: x509.Certificate,
    others: Sequence[x509.Certificate],
    *,
    roots: Sequence[x509.Certificate],
    at: datetime,
) -> None:
    """Raise `TokenBad` unless `leaf` may stamp time and leads to one of `roots` at `at`."""
    _require_purpose(leaf)
    if not _leads_to(leaf, others, roots=roots, at=at, steps=LONGEST_CHAIN):
        raise TokenBad("the timestamp's certificate does not lead to a trusted root")


def _leads_to(
    certificate: x509.Certificate,
    others: Sequence[x509.Certificate],
    *,
    roots: Sequence[x509.Certificate],
    at: datetime,
    steps: int,
) -> bool:
    if steps == 0 or not _is_valid(certificate, at):
        return False
    if certificate in roots:
        return True
    issuers = [one for one in (*roots, *others) if _issued(one, certificate)]
    return any(_leads_to(one, others, roots=roots, at=at, steps=steps - 1) for one in issuers)


def _is_valid(certificate: x509.Certificate, at: datetime) -> bool:
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    if issuer == certificate or not _may_issue(issuer):
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _may_issue(certificate: x509.Certificate) -> bool:
    """Basic constraints say authority, and key usage, where given, allows it (RFC 5280, 4.2.1)."""
    try:
        authority = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return authority
    return authority and usage.key_cert_sign


def _require_purpose(certificate: x509.Certificate) -> None:
    """Exactly one purpose, stamping time, and critical (RFC 3161, 2.3)."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        raise TokenBad("the timestamp's certificate names no purpose") from None
    if list(found.value) != [ExtendedKeyUsageOID.TIME_STAMPING] or not found.critical:
        raise TokenBad("the timestamp's certificate is not for stamping time alone")
