"""Programs that nobody here wrote accept our proofs, and refuse them with one byte changed."""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from apps.ledger import note
from apps.ledger.merkle import consistency_path, hashes_of, inclusion_path
from apps.ledger.timestamps.authority import TimestampAuthority
from apps.ledger.timestamps.chain import load_roots
from apps.ledger.timestamps.client import fetch_stamp
from apps.ledger.timestamps.serve import TimestampServer
from tests.ledger.made_log import MadeLog, made_log
from tests.ledger.timestamps.conftest import authority, service

__all__ = ["authority", "service"]
SIZE, OLD, INDEX = 1_000, 617, 40
GO_PACKAGES = Path("/usr/share/gocode")  # where Debian's golang-golang-x-mod-dev puts it
GO_MISSING = "apt-get install golang-go golang-golang-x-mod-dev"


@pytest.fixture(scope="module")
def log() -> MadeLog:
    return made_log(SIZE)


@pytest.fixture(scope="module")
def claims(log: MadeLog) -> dict[str, Any]:
    hashes = hashes_of(log.leaves)
    return {
        "key": log.vkey,
        "note": log.note(SIZE),
        "old": log.note(OLD),
        "body": _text(log.bodies[INDEX]),
        "index": INDEX,
        "inclusion": [_text(step) for step in inclusion_path(hashes, INDEX, SIZE)],
        "consistency": [_text(step) for step in consistency_path(hashes, OLD, SIZE)],
    }


@pytest.fixture(scope="module")
def go_says(tmp_path_factory: pytest.TempPathFactory) -> Callable[[dict[str, Any]], str]:
    """Asks Go's own checker, built once."""
    go = shutil.which("go")
    if not go or not (GO_PACKAGES / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        pytest.skip(GO_MISSING)
    place = tmp_path_factory.mktemp("go")
    env = {**os.environ, "GO111MODULE": "off", "GOPATH": str(GO_PACKAGES), "GOFLAGS": ""}
    source = Path(__file__).with_name("foreign") / "check.go"
    command = [go, "build", "-o", str(place / "check"), str(source)]
    built = subprocess.run(
        command, env={**env, "GOCACHE": str(place / "cache")}, capture_output=True, check=False
    )
    assert built.returncode == 0, built.stderr.decode()

    def ask(claims: dict[str, Any]) -> str:
        said = json.dumps(claims).encode()
        ran = subprocess.run([place / "check"], input=said, capture_output=True, check=False)
        return ran.stdout.decode().strip()

    return ask


def test_go_accepts_checkpoint_inclusion_and_consistency(
    claims: dict[str, Any], go_says: Callable[[dict[str, Any]], str]
) -> None:
    assert go_says(claims) == "ok"


@pytest.mark.parametrize("what", ["note", "old", "body", "inclusion", "consistency"])
def test_go_refuses_one_changed_byte(
    what: str, claims: dict[str, Any], go_says: Callable[[dict[str, Any]], str]
) -> None:
    changed = dict(claims)
    if what in {"note", "old"}:
        changed[what] = claims[what].replace("\n1000\n", "\n1001\n").replace("\n617\n", "\n618\n")
    elif what == "body":
        changed[what] = _flipped(claims[what])
    else:
        changed[what] = [_flipped(claims[what][0]), *claims[what][1:]]
    expected = {"body": "inclusion", "old": "old note"}.get(what, what)
    assert go_says(changed).startswith(f"{expected}: ")


@pytest.mark.parametrize("flipped", [False, True])
def test_openssl_checks_the_signature_of_a_checkpoint(
    flipped: bool, log: MadeLog, tmp_path: Path
) -> None:
    signed = note.parse(log.note(SIZE))
    text = signed.text.replace("1000", "1001") if flipped else signed.text
    public = Ed25519PublicKey.from_public_bytes(log.keys.signing[0].public)
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    files = {"key": pem, "text": text.encode(), "signature": signed.signatures[0].blob}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    given = ["-inkey", "key", "-sigfile", "signature", "-in", "text"]
    ran = _openssl(tmp_path, "pkeyutl", "-verify", "-pubin", "-rawin", *given)
    assert (ran.returncode == 0) is not flipped, ran.stderr


@pytest.mark.parametrize("flipped", [False, True])
def test_openssl_checks_a_timestamp_over_a_checkpoint(
    flipped: bool,
    log: MadeLog,
    service: TimestampServer,
    authority: TimestampAuthority,
    tmp_path: Path,
) -> None:
    text = log.note(SIZE).encode()
    found = fetch_stamp(service.url, sha256(text).digest(), roots=load_roots(authority.root))
    (tmp_path / "token").write_bytes(found.token)
    (tmp_path / "text").write_bytes(text.replace(b"1000", b"1001") if flipped else text)
    given = ["-in", "token", "-token_in", "-data", "text", "-CAfile", str(authority.root)]
    ran = _openssl(tmp_path, "ts", "-verify", *given)
    assert (ran.returncode == 0) is not flipped, ran.stderr


def _openssl(place: Path, *command: str) -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("openssl") or pytest.skip("apt-get install openssl")
    return subprocess.run([program, *command], cwd=place, capture_output=True, check=False)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _flipped(text: str) -> str:
    raw = bytearray(base64.b64decode(text))
    raw[5] ^= 1
    return _text(bytes(raw))
