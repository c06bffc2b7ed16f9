"""Signed notes: what others signed is read, what we sign others can check, nothing else passes."""

import subprocess
from base64 import b64decode, b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from apps.ledger import note, signing
from tests.ledger.note_keys import MemoryKey, MemoryKeys

# The example of golang.org/x/mod/sumdb/note, whose format C2SP took over.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqd"
    "ngotpRZb6KE6RyyBwJnAM=\n"
)
ORIGIN = "bailiwick.localhost/ledger/5b9e"
CHECKPOINT = note.Checkpoint(ORIGIN, 20852163, bytes(range(32)))


def test_a_note_that_go_signed_is_accepted() -> None:
    verifier = note.Verifier.parse(GO_KEY)
    assert str(verifier) == GO_KEY
    assert note.check(GO_NOTE, [verifier]).text.startswith("If you think")
    with pytest.raises(note.BadNote, match="not that of this text"):
        note.check(GO_NOTE.replace("answer", "anvwer"), [verifier])


def test_a_checkpoint_is_three_lines_and_reads_back() -> None:
    expected = f"{ORIGIN}\n20852163\n{b64encode(bytes(range(32))).decode()}\n"
    assert expected == CHECKPOINT.text
    assert note.Checkpoint.parse(CHECKPOINT.text) == CHECKPOINT
    extended = note.Checkpoint(ORIGIN, 0, bytes(32), ("more",))
    assert note.Checkpoint.parse(extended.text) == extended


@pytest.mark.parametrize(
    "text",
    ["", "a\n1\n", "a\n01\nAA==\n", "a\n-1\nAA==\n", "a\n1\nAA==\n", "a\n1\n????\n"],
)
def test_a_text_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(note.BadNote):
        note.Checkpoint.parse(text)


def test_both_keys_sign_while_one_takes_over_and_either_suffices() -> None:
    old, new, stranger = MemoryKey(), MemoryKey(), MemoryKey()
    signed = note.sign(CHECKPOINT.text, name=ORIGIN, keys=[new, old])
    for key in (old, new):
        verifiers = [note.Verifier(ORIGIN, key.public), note.Verifier(ORIGIN, stranger.public)]
        assert len(note.check(signed, verifiers).signatures) == 1
    with pytest.raises(note.BadNote, match="no known key"):
        note.check(signed, [note.Verifier(ORIGIN, stranger.public)])
    with pytest.raises(note.BadNote, match="no known key"):
        note.check(signed, [note.Verifier("another.host/ledger", old.public)])


def test_a_signature_that_a_known_key_did_not_make_spoils_the_note() -> None:
    key, other = MemoryKey(), MemoryKey()
    signed = note.sign(CHECKPOINT.text, name=ORIGIN, keys=[key, other])
    forged = note.Signature(ORIGIN, note.Verifier(ORIGIN, key.public).key_id, bytes(64))
    with pytest.raises(note.BadNote, match="not that of this text"):
        note.check(note.add(signed, [forged]), [note.Verifier(ORIGIN, key.public)])


def test_signatures_of_other_kinds_are_kept_and_ignored() -> None:
    key = MemoryKey()
    witness = note.Signature("witness.example", b"abcd", bytes(72))
    signed = note.add(note.sign(CHECKPOINT.text, name=ORIGIN, keys=[key]), [witness])
    assert note.parse(signed).signatures[1] == witness
    assert len(note.check(signed, [note.Verifier(ORIGIN, key.public)]).signatures) == 1


@pytest.mark.parametrize(
    "written",
    [
        *("", "text\n", "text\n\n", "text\n\n\u2014 a AAAAAAA=", "text\n\n- a AAAAAAA=\n"),
        *(
            "text\n\n\u2014 a+b AAAAAAA=\n",
            "text\n\n\u2014 a AAAA\n",
            "text\n\n\u2014 a AAAAAAB=\n",
        ),
        *("te\rxt\n\n\u2014 a AAAAAAA=\n", "text\n\n" + "\u2014 a AAAAAAA=\n" * 101),
    ],
)
def test_what_is_written_otherwise_is_no_note(written: str) -> None:
    with pytest.raises(note.BadNote):
        note.parse(written)


@pytest.mark.parametrize(
    ("text", "name"), [("no end", "a"), ("a\n", "a b"), ("a\n", "a+b"), ("a\x00\n", "a")]
)
def test_what_cannot_be_a_note_is_not_signed(text: str, name: str) -> None:
    with pytest.raises(note.BadNote):
        note.sign(text, name=name, keys=[MemoryKey()])


@pytest.mark.parametrize(
    "key",
    ["", "name", GO_KEY.replace("c74f", "c74e"), GO_KEY.replace("ARpc", "AhpC"), "a b+00+AA=="],
)
def test_a_verifier_key_that_is_not_whole_is_refused(key: str) -> None:
    with pytest.raises(note.BadNote):
        note.Verifier.parse(key)


def test_openssl_accepts_our_signature(tmp_path: Path) -> None:
    key = MemoryKey()
    signed = note.sign(CHECKPOINT.text, name=ORIGIN, keys=[key])
    text, _, line = signed.partition("\n\n")
    (tmp_path / "text").write_text(text + "\n")
    (tmp_path / "signature").write_bytes(b64decode(line.split()[2])[4:])
    pem = Ed25519PublicKey.from_public_bytes(key.public).public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (tmp_path / "key.pem").write_bytes(pem)
    command = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "key.pem"]
    command += ["-in", "text", "-sigfile", "signature"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Verified Successfully" in said.stdout, said.stderr


def test_keys_are_introduced_and_their_absence_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "_introduced", [])
    with pytest.raises(signing.NoKeys):
        signing.checkpoint_keys()
    keys = MemoryKeys()
    signing.introduce_keys(lambda: keys)
    assert signing.checkpoint_keys() is keys
