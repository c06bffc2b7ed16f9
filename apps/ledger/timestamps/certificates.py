"""The X.509 shapes of local authorities: certificates, revocation lists, fingerprints."""

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CaKey = ec.EllipticCurvePrivateKey
LeafKey = rsa.RSAPrivateKey
CLOCK_SKEW = timedelta(minutes=5)


def subject(organisation: str, common_name: str) -> x509.Name:
    """Return the name a certificate of this authority bears."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def issue(
    name: x509.Name,
    key: CaKey | LeafKey | ec.EllipticCurvePublicKey,
    *,
    issuer: x509.Name,
    issuer_key: CaKey,
    now: datetime,
    days: int,
    path_length: int | None = None,
    timestamping: bool = False,
) -> x509.Certificate:
    """Return a certificate valid from five minutes ago (clock skew) for ``days`` days.

    Of a key that lives elsewhere the public half is enough.
    ``path_length`` makes it an authority; ``timestamping`` gives it that one critical purpose
    (RFC 3161, 2.3).
    """
    authority = path_length is not None
    public = key if isinstance(key, ec.EllipticCurvePublicKey) else key.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=path_length), critical=True)
        .add_extension(_usage(authority=authority, commits=not timestamping), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    if timestamping:
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(purpose, critical=True)
    return builder.sign(issuer_key, hashes.SHA256())


def _usage(*, authority: bool, commits: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority and commits,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def revocation_list(
    issuer: x509.Certificate, key: CaKey, *, now: datetime, days: int
) -> x509.CertificateRevocationList:
    """Return an empty CRL of ``issuer``; its number grows with time (RFC 5280, 5.2.3)."""
    return (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(now - CLOCK_SKEW)
        .next_update(now + timedelta(days=days))
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
        )
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        .sign(key, hashes.SHA256())
    )


def pem(certificate: x509.Certificate) -> bytes:
    """Return the certificate in PEM."""
    return certificate.public_bytes(Encoding.PEM)


def fingerprint(certificate: x509.Certificate) -> str:
    """Return SHA-256 over the DER form, in lower-case hexadecimal."""
    return certificate.fingerprint(hashes.SHA256()).hex()
