"""A local certificate authority and a server certificate, made once and kept."""

import ipaddress
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFE = timedelta(days=825)


def private_key_at(path: Path) -> rsa.RSAPrivateKey:
    """Read the key kept at this path, or make one and keep it there."""
    if path.exists():
        loaded = serialization.load_pem_private_key(path.read_bytes(), None)
        if not isinstance(loaded, rsa.RSAPrivateKey):
            raise ValueError(f"{path} does not hold an RSA key")
        return loaded
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.touch(mode=0o600)
    path.write_bytes(pem)
    return key


def self_signed(common_name: str, *, key: rsa.RSAPrivateKey, path: Path, now: datetime) -> Path:
    """A certificate for signing JWTs: what an administrator uploads to an app."""
    if not path.exists():
        name = _name(common_name)
        draft = _draft(name, name, key.public_key(), now=now)
        path.write_bytes(draft.sign(key, hashes.SHA256()).public_bytes(_PEM))
    return path


def server_chain(directory: Path, *, now: datetime) -> tuple[Path, Path, Path]:
    """The paths of the CA certificate, the server certificate and the server key."""
    ca_path, server_path = directory / "ca.pem", directory / "server.pem"
    server_key_path = directory / "server-key.pem"
    ca_key = private_key_at(directory / "ca-key.pem")
    server_key = private_key_at(server_key_path)
    if not (ca_path.exists() and server_path.exists()):
        issuer = _name("Sandbox local CA")
        ca_path.write_bytes(_authority(issuer, ca_key, now=now).public_bytes(_PEM))
        server_path.write_bytes(_server(issuer, ca_key, server_key, now=now).public_bytes(_PEM))
    return ca_path, server_path, server_key_path


_PEM = serialization.Encoding.PEM


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _draft(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPublicKey, *, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _LIFE)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=not signs_certificates,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _authority(name: x509.Name, key: rsa.RSAPrivateKey, *, now: datetime) -> x509.Certificate:
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        _draft(name, name, key.public_key(), now=now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )


def _server(
    issuer: x509.Name, ca_key: rsa.RSAPrivateKey, key: rsa.RSAPrivateKey, *, now: datetime
) -> x509.Certificate:
    names = x509.SubjectAlternativeName(
        [
            x509.DNSName("localhost"),
            x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
            x509.IPAddress(ipaddress.ip_address("::1")),
        ]
    )
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        _draft(_name("localhost"), issuer, key.public_key(), now=now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(names, critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(identifier, critical=False)
        .add_extension(authority, critical=False)
        .sign(ca_key, hashes.SHA256())
    )
