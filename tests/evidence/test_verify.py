"""The verifier passes a whole pack, says what it did not prove, and refuses what is no pack."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from asn1crypto import x509
from cryptography.hazmat.primitives.serialization import Encoding

from apps.evidence.pack.build import build_unsigned
from apps.evidence.pack.manifest import KeyInMemory
from apps.evidence.pack.pki import LocalAuthority
from apps.evidence.verify.report import Exit
from apps.evidence.verify.run import verify
from tests.evidence import made_up
from tests.evidence.conftest import turn
from tests.evidence.reading import failure

PROJECT = Path(__file__).resolve().parents[2]


def run_cli(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "apps.evidence.verify", *map(str, arguments)],
        capture_output=True, text=True, cwd=PROJECT, timeout=60, check=False,
    )  # fmt: skip


def test_a_whole_pack_passes_and_says_what_it_did_not_prove(pack_file: Path) -> None:
    done = run_cli(pack_file)
    assert done.returncode == 0, done.stdout
    assert "GOOD: the pack is as it was sealed." in done.stdout
    assert "the root belongs to the organisation" in done.stdout
    assert "Root (SHA-256): " in done.stdout


def test_a_given_root_settles_whose_seal_it_is(
    pack_file: Path, root_file: Path, authority: LocalAuthority
) -> None:
    done = run_cli(pack_file, "--trust", root_file, "--json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["good"]) == (0, True)
    assert said["roots_sha256"] == [authority.root_fingerprint]
    assert not any("root belongs" in line for line in said["not_proved"])


def test_a_seal_of_another_authority_is_not_trusted(pack: bytes, tmp_path: Path) -> None:
    other = LocalAuthority.open(tmp_path / "other", wrap=turn, unwrap=turn, now=made_up.NOW)
    root = x509.Certificate.load(other.certificate("root").public_bytes(Encoding.DER))
    assert verify(pack, trusted=[root]).exit_code == Exit.TRUST


def test_the_verifier_runs_without_django(pack_file: Path) -> None:
    code = (
        "import sys; sys.modules['django'] = None\n"
        "from apps.evidence.verify.__main__ import main\n"
        f"sys.exit(main([{str(pack_file)!r}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.7", b"%PDF-1.7\n" + b"\xff" * 5000, b"PK\x03\x04" + b"\0" * 100]
)
def test_what_is_no_pack_is_unreadable_and_leaves_no_traceback(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bad.pdf"
    path.write_bytes(data)
    done = run_cli(path)
    assert done.returncode == Exit.UNREADABLE
    assert "Traceback" not in done.stdout + done.stderr


def test_a_missing_file_is_said_in_words(tmp_path: Path) -> None:
    done = run_cli(tmp_path / "none.pdf")
    assert done.returncode == Exit.UNREADABLE
    assert "cannot be read" in done.stderr


def test_an_unsealed_pdf_fails_as_signature(signer: KeyInMemory) -> None:
    pdf = build_unsigned(
        made_up.content(), annexes=(), events=[], signer=signer, seal_root="00" * 32
    )
    assert failure(verify(pdf))[0] == Exit.SIGNATURE
