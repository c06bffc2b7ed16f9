"""One local authority and one small sealed pack for the whole folder; making them takes seconds."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from apps.evidence.pack.build import build_pack
from apps.evidence.pack.manifest import KeyInMemory
from apps.evidence.pack.pki import LocalAuthority
from apps.evidence.pack.seal import PadesSealer
from tests.evidence import made_up


def turn(data: bytes) -> bytes:
    """Stands in for envelope encryption: what rests on disk is not the key itself."""
    return bytes(byte ^ 0x5A for byte in data)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> LocalAuthority:
    directory = tmp_path_factory.mktemp("authority")
    return LocalAuthority.open(directory, wrap=turn, unwrap=turn, now=datetime.now(UTC))


@pytest.fixture(scope="session")
def sealer(authority: LocalAuthority) -> PadesSealer:
    return PadesSealer.local(authority, now=datetime.now(UTC))


@pytest.fixture(scope="session")
def signer() -> KeyInMemory:
    return KeyInMemory(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


@pytest.fixture(scope="session")
def pack(sealer: PadesSealer, signer: KeyInMemory) -> bytes:
    return build_pack(
        made_up.content(),
        annexes=(made_up.policy_annex(),),
        events=made_up.bodies(40),
        signer=signer,
        sealer=sealer,
    )


@pytest.fixture
def pack_file(pack: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "pack.pdf"
    path.write_bytes(pack)
    return path


@pytest.fixture
def root_file(authority: LocalAuthority, tmp_path: Path) -> Path:
    path = tmp_path / "root.pem"
    path.write_bytes(authority.root_pem)
    return path


@pytest.fixture
def tool(request: pytest.FixtureRequest) -> str:
    """The path of a foreign program, named by indirect parametrisation."""
    found = shutil.which(request.param)
    if found is None:
        pytest.skip(f"{request.param} is not installed")
    return str(found)
