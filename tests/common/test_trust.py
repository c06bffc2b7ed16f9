"""Whom the console trusts over TLS: read once, and anew when the installation's file changes."""

import os
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from apps.common.trust import Trusting


def write_authority(path: Path, name: str, *, second: int) -> None:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder(subject, subject, key.public_key(), 1, now, now + timedelta(1))
    authority = x509.BasicConstraints(ca=True, path_length=None)
    signed = made.add_extension(authority, critical=True).sign(key, hashes.SHA256())
    path.write_bytes(signed.public_bytes(Encoding.PEM))
    os.utime(path, (second, second))


def names_trusted(adapter: Trusting) -> set[str]:
    context: ssl.SSLContext = adapter.poolmanager.connection_pool_kw["ssl_context"]
    assert context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname
    return {str(each["subject"]) for each in context.get_ca_certs()}


def test_an_own_authority_is_trusted_beside_the_public_ones_and_exchanged_by_its_file(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ca.pem"
    write_authority(path, "Ours", second=1_000)
    before = names_trusted(Trusting(str(path)))
    write_authority(path, "Ours anew", second=2_000)
    after = names_trusted(Trusting(str(path)))
    public = names_trusted(Trusting(""))
    assert len(public) > 50
    assert len(before - public) == len(after - public) == 1
    assert before - public != after - public


def test_a_missing_file_is_no_reason_to_trust_less_silently(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Trusting(str(tmp_path / "gone.pem"))
