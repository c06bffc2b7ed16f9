"""What others saw outside: the log of logs, timestamps and witnesses, checked with the export."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from apps.ledger import note, verify
from apps.ledger.export.writing import write
from apps.ledger.merkle import hashes_of, inclusion_path, leaf_hash, root_of
from apps.ledger.timestamps.authority import TimestampAuthority
from apps.ledger.timestamps.chain import load_roots
from apps.ledger.timestamps.client import fetch_stamp
from apps.ledger.timestamps.serve import TimestampServer
from apps.ledger.verify import CONSISTENCY, SIGNATURE, TIMESTAMP, TREE
from tests.ledger.made_log import MadeLog, body_of, made_log
from tests.ledger.timestamps.conftest import authority, service

__all__ = ["authority", "service"]
GLOBAL = "bailiwick.localhost/ledger"
SIZE, ANCHORED = 300, 260
WITNESS = "witness.example/w1"
Files = dict[str, bytes]


@pytest.fixture(scope="module")
def witness() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@pytest.fixture
def anchored(
    service: TimestampServer, authority: TimestampAuthority, witness: Ed25519PrivateKey
) -> tuple[MadeLog, Files]:
    """A log whose checkpoint of 260 entries is the fourth of seven in the log of logs."""
    log = made_log(SIZE)
    return log, anchors_of(log, log.note(ANCHORED), service, authority, witness)


def anchors_of(
    log: MadeLog,
    said: str,
    service: TimestampServer,
    authority: TimestampAuthority,
    witness: Ed25519PrivateKey,
) -> Files:
    leaves = [leaf_hash(bytes([number])) for number in range(7)]
    leaves[3] = leaf_hash(note.parse(said).text.encode())
    root = note.Checkpoint(GLOBAL, 7, root_of(leaves))
    stamped = note.sign(root.text, name=GLOBAL, keys=log.keys.signing)
    digest = sha256(stamped.encode()).digest()
    stamp = fetch_stamp(service.url, digest, roots=load_roots(authority.root))
    path = inclusion_path(hashes_of(leaves), 3, 7)
    leaf = {"index": 3, "note": said, "path": [base64.b64encode(step).decode() for step in path]}
    return {
        "checkpoint": note.add(stamped, [cosignature(root.text, witness)]).encode(),
        "checkpoint.stamped": stamped.encode(),
        "leaf.json": json.dumps(leaf).encode(),
        "timestamp-local.tsr": stamp.token,
    }


def cosignature(text: str, witness: Ed25519PrivateKey) -> note.Signature:
    at = int(datetime(2026, 11, 22, tzinfo=UTC).timestamp())
    signed = witness.sign(f"cosignature/v1\ntime {at}\n{text}".encode())
    public = witness.public_key().public_bytes_raw()
    number = note.key_id(WITNESS, verify.COSIGNATURE, public)
    return note.Signature(WITNESS, number, at.to_bytes(8) + signed)


def witness_key(witness: Ed25519PrivateKey) -> str:
    public = witness.public_key().public_bytes_raw()
    number = note.key_id(WITNESS, verify.COSIGNATURE, public).hex()
    return f"{WITNESS}+{number}+{base64.b64encode(bytes([verify.COSIGNATURE]) + public).decode()}"


def checked(
    log: MadeLog,
    files: Files,
    place: Path,
    *,
    witness: Ed25519PrivateKey | None = None,
    roots: tuple[Path, ...] = (),
) -> verify.Report:
    content = replace(
        log.content(),
        anchors=list(files.items()),
        witnesses=[witness_key(witness)] if witness else [],
    )
    write(place / "export", content, keys=log.keys.signing)
    return verify.verify(place / "export", keys=[log.vkey], roots=roots)


def test_all_of_it_is_proved(
    anchored: tuple[MadeLog, Files],
    witness: Ed25519PrivateKey,
    authority: TimestampAuthority,
    tmp_path: Path,
) -> None:
    log, files = anchored
    report = checked(log, files, tmp_path, witness=witness, roots=(authority.root,))
    assert report.failed == []
    said = "\n".join(report.proved)
    assert "the first 260 entries are in the log of logs of 7" in said
    assert "it existed at" in said
    assert f"witness {WITNESS} saw it" in said


def test_a_timestamp_without_a_root_is_not_called_proved(
    anchored: tuple[MadeLog, Files], tmp_path: Path
) -> None:
    report = checked(*anchored, tmp_path)
    assert report.failed == []
    assert any("it existed at" in words for words in report.not_proved)
    assert not any("it existed at" in words for words in report.proved)


def test_another_root_does_not_stand_over_it(
    anchored: tuple[MadeLog, Files], tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = TimestampAuthority.open(tmp_path / "other", now=datetime.now(UTC))
    report = checked(*anchored, tmp_path, roots=(other.root,))
    assert report.code == TIMESTAMP
    assert "is under no root given" in report.failed[0][1]


@pytest.mark.parametrize("what", ["signature", "imprint", "time"])
def test_a_byte_changed_in_a_token_is_found(
    what: str, anchored: tuple[MadeLog, Files], authority: TimestampAuthority, tmp_path: Path
) -> None:
    log, files = anchored
    token = bytearray(files["timestamp-local.tsr"])
    digest = sha256(files["checkpoint.stamped"]).digest()
    year = datetime.now(UTC).strftime("%Y").encode()
    info = token.index(digest)
    at = {"signature": len(token) - 5, "imprint": info, "time": token.index(year, info) + 3}[what]
    token[at] ^= 1
    changed = {**files, "timestamp-local.tsr": bytes(token)}
    report = checked(log, changed, tmp_path, roots=(authority.root,))
    assert report.code == TIMESTAMP
    assert not any("it existed at" in words for words in report.proved)


def test_a_token_about_something_else_is_refused(
    anchored: tuple[MadeLog, Files],
    service: TimestampServer,
    authority: TimestampAuthority,
    tmp_path: Path,
) -> None:
    log, files = anchored
    other = fetch_stamp(service.url, bytes(32), roots=load_roots(authority.root)).token
    report = checked(log, {**files, "timestamp-local.tsr": other}, tmp_path)
    assert report.code == TIMESTAMP
    assert "it is not about this log of logs" in report.failed[0][1]


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        ("leaf.json", lambda raw: raw.replace(b'"index": 3', b'"index": 2'), TREE),
        ("checkpoint", lambda raw: raw.replace(b"\n7\n", b"\n8\n"), SIGNATURE),
        ("checkpoint.stamped", lambda raw: raw.replace(b"\n7\n", b"\n8\n"), TIMESTAMP),
    ],
)
def test_a_changed_file_is_found(
    name: str,
    change: Callable[[bytes], bytes],
    code: int,
    anchored: tuple[MadeLog, Files],
    tmp_path: Path,
) -> None:
    log, files = anchored
    assert checked(log, {**files, name: change(files[name])}, tmp_path).code == code


def test_a_wrong_cosignature_is_found(
    anchored: tuple[MadeLog, Files], witness: Ed25519PrivateKey, tmp_path: Path
) -> None:
    log, files = anchored
    text = note.parse(files["checkpoint.stamped"].decode()).text
    forged = cosignature(text + "more\n", witness)
    changed = note.add(files["checkpoint.stamped"].decode(), [forged]).encode()
    report = checked(log, {**files, "checkpoint": changed}, tmp_path, witness=witness)
    assert report.code == SIGNATURE
    assert f"the cosignature of witness {WITNESS} is wrong" in report.failed[0][1]


def test_a_fork_fails_against_its_own_anchor(
    anchored: tuple[MadeLog, Files],
    witness: Ed25519PrivateKey,
    authority: TimestampAuthority,
    tmp_path: Path,
) -> None:
    """Signed anew with the same key, but the anchor remembers the old beginning."""
    log, files = anchored
    forked = MadeLog([*log.bodies[:100], body_of(100, "told"), *log.bodies[101:]], log.keys)
    report = checked(forked, files, tmp_path, witness=witness, roots=(authority.root,))
    assert report.code == CONSISTENCY
    assert "the checkpoint of size 260 had other entries" in report.failed[0][1]


def test_a_log_of_logs_of_another_house_proves_nothing(
    anchored: tuple[MadeLog, Files], tmp_path: Path
) -> None:
    """The path through it is right, the key is right; its name is not that of this log's parent."""
    log, files = anchored
    text = note.parse(files["checkpoint.stamped"].decode()).text
    other = text.replace(GLOBAL, "other.example/ledger")
    signed = note.sign(other, name="other.example/ledger", keys=log.keys.signing).encode()
    files |= {"checkpoint": signed, "checkpoint.stamped": signed}
    report = checked(log, files, tmp_path)
    assert (SIGNATURE, "other.example/ledger is not the log of logs over this one") in report.failed
