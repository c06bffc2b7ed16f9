"""The local authority is made once, keeps its keys wrapped, and renews what runs out."""

from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from apps.evidence.pack.errors import SealFailed
from apps.evidence.pack.pki import LocalAuthority
from apps.evidence.pack.seal import PadesSealer
from tests.evidence.conftest import turn

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def opened(directory: Path, *, now: datetime = NOW) -> LocalAuthority:
    return LocalAuthority.open(directory, wrap=turn, unwrap=turn, now=now)


def fingerprint_of(directory: Path) -> str:
    return opened(directory).root_fingerprint


def test_no_private_key_rests_in_the_clear(tmp_path: Path) -> None:
    authority = opened(tmp_path)
    for name in ("root", "issuing", "seal", "tsa"):
        assert authority.pkcs8(name) not in (tmp_path / f"{name}.key").read_bytes()
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.glob("*.key"))


def test_opening_again_keeps_everything(tmp_path: Path) -> None:
    opened(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    opened(tmp_path, now=NOW + timedelta(days=1))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_processes_that_start_together_found_one_authority(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4) as pool:
        assert len(set(pool.map(fingerprint_of, [tmp_path] * 4))) == 1


def test_a_revocation_list_near_its_end_is_renewed(tmp_path: Path) -> None:
    first = opened(tmp_path).crl("issuing")
    later = NOW + timedelta(days=25)
    second = opened(tmp_path, now=later).crl("issuing")
    assert second.next_update_utc == later + timedelta(days=30)
    assert _number(second) > _number(first)


def _number(crl: x509.CertificateRevocationList) -> int:
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def test_a_seal_near_its_end_is_renewed_under_the_same_root(tmp_path: Path) -> None:
    first = opened(tmp_path)
    serial, root = first.certificate("seal").serial_number, first.root_fingerprint
    second = opened(tmp_path, now=NOW + timedelta(days=1095 - 30))
    assert second.certificate("seal").serial_number != serial
    assert second.root_fingerprint == root


def test_an_authority_that_has_run_out_is_never_replaced_in_silence(tmp_path: Path) -> None:
    opened(tmp_path)
    with pytest.raises(SealFailed, match=r"issuing certificate .* has run out"):
        opened(tmp_path, now=NOW + timedelta(days=3651))


def test_a_seal_is_not_set_with_proofs_that_have_run_out(tmp_path: Path, pack: bytes) -> None:
    late = NOW + timedelta(days=31)  # the lists of the opened authority end after 30
    with pytest.raises(SealFailed):
        PadesSealer.local(opened(tmp_path), now=late).seal(pack)
