"""The seal's key may live in a token, and the time may come from somebody else's service."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from asn1crypto import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pytest_django.fixtures import Settings

from apps.evidence import keys
from apps.evidence.pack.build import build_pack
from apps.evidence.pack.errors import SealFailed
from apps.evidence.pack.manifest import KeyInMemory
from apps.evidence.pack.pki import LocalAuthority
from apps.evidence.pack.seal import PadesSealer, StampService
from apps.evidence.pack.tsa import LocalTimestamper
from apps.evidence.verify.report import Exit
from apps.evidence.verify.run import verify
from apps.ledger.timestamps.serve import TimestampServer
from tests.custody.conftest import Configure, configure, hsm_options, softhsm
from tests.evidence import made_up
from tests.evidence.conftest import turn

__all__ = ["configure", "hsm_options", "softhsm"]


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> LocalAuthority:
    """Somebody else's authority, under a root of its own."""
    place = tmp_path_factory.mktemp("others")
    return LocalAuthority.open(place, wrap=turn, unwrap=turn, now=datetime.now(UTC))


@pytest.fixture
def service(others: LocalAuthority) -> Iterator[str]:
    """The address of that authority's timestamp service."""
    stamper = PadesSealer.local(others, now=datetime.now(UTC)).timestamper
    assert isinstance(stamper, LocalTimestamper)
    with TimestampServer(0, stamper._service) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        host, port = server.server_address[:2]
        yield f"http://{host!s}:{port}/"
        server.shutdown()
        thread.join(timeout=5)


def bundle(authority: LocalAuthority) -> bytes:
    """What an operator puts into one PEM file: certificates and revocation lists."""
    certificates = [authority.certificate(name) for name in ("root", "issuing", "tsa")]
    lists = [authority.crl(name) for name in ("root", "issuing")]
    return b"".join(
        [
            *(each.public_bytes(Encoding.PEM) for each in certificates),
            *(each.public_bytes(Encoding.PEM) for each in lists),
        ]
    )


@pytest.fixture
def sealed(signer: KeyInMemory) -> Callable[[PadesSealer], bytes]:
    content = made_up.content(sections=(made_up.emergency_access(),))

    def seal(sealer: PadesSealer) -> bytes:
        return build_pack(
            content, annexes=(), events=made_up.bodies(3), signer=signer, sealer=sealer
        )

    return seal


def said_by_pdfsig(pdf: bytes, place: Path) -> str:
    if shutil.which("pdfsig") is None:
        pytest.skip("pdfsig is not installed")
    place.write_bytes(pdf)
    done = subprocess.run(["pdfsig", str(place)], capture_output=True, text=True, check=False)
    return done.stdout


def test_a_key_inside_a_token_seals_and_pdfsig_says_so(  # noqa: PLR0917 - fixtures
    db: None,
    settings: Settings,
    authority: LocalAuthority,
    configure: Configure,
    hsm_options: dict[str, str],
    sealed: Callable[[PadesSealer], bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    configure("local", "pkcs11", **hsm_options)
    settings.CUSTODY_SEAL_PROVIDER, settings.EVIDENCE_SEAL_KEY = "pkcs11", "custody"
    monkeypatch.setattr(keys, "sealing_authority", lambda now: authority)
    pdf = sealed(keys.pack_sealer(datetime.now(UTC)))
    report = verify(pdf)
    assert report.exit_code == Exit.GOOD, report.steps
    said = said_by_pdfsig(pdf, tmp_path / "pack.pdf")
    assert "Signature is Valid" in said
    assert "Total document signed" in said
    assert "Not total document signed" not in said


def test_any_timestamp_service_can_stamp_by_its_address(  # noqa: PLR0917 - fixtures
    settings: Settings,
    authority: LocalAuthority,
    others: LocalAuthority,
    service: str,
    sealed: Callable[[PadesSealer], bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    named = tmp_path / "service.pem"
    named.write_bytes(bundle(others))
    settings.EVIDENCE_SEAL_KEY = "local"
    settings.EVIDENCE_TSA_URL, settings.EVIDENCE_TSA_CERTIFICATES = service, str(named)
    monkeypatch.setattr(keys, "sealing_authority", lambda now: authority)
    pdf = sealed(keys.pack_sealer(datetime.now(UTC)))
    roots = [_root(each) for each in (authority, others)]
    assert verify(pdf, trusted=roots).exit_code == Exit.GOOD
    assert verify(pdf, trusted=roots[:1]).exit_code == Exit.TRUST
    assert "Total document signed" in said_by_pdfsig(pdf, tmp_path / "pack.pdf")


def test_a_service_that_does_not_answer_seals_nothing(
    authority: LocalAuthority, others: LocalAuthority, sealed: Callable[[PadesSealer], bytes]
) -> None:
    stamps = StampService.read("http://127.0.0.1:9/", bundle(others))
    sealer = PadesSealer.local(authority, now=datetime.now(UTC), stamps=stamps)
    with pytest.raises(SealFailed, match="could not be reached"):
        sealed(sealer)


def _root(authority: LocalAuthority) -> x509.Certificate:
    return x509.Certificate.load(authority.certificate("root").public_bytes(Encoding.DER))
