"""The verifier proves an untouched export and says where a touched one was touched."""

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from apps.common.errors import Invalid
from apps.ledger import note, verify
from apps.ledger.export.writing import write
from apps.ledger.signing import NoteKey, PublicKey
from apps.ledger.verify import CONSISTENCY, GAP, MANIFEST, SIGNATURE, TREE
from tests.ledger.made_log import BEGAN, ORIGIN, MadeLog, body_of, made_log, plain_bodies
from tests.ledger.note_keys import MemoryKey, MemoryKeys

SIZE = 1_000


@pytest.fixture(scope="module")
def log() -> MadeLog:
    return made_log(SIZE)


@pytest.fixture
def export(log: MadeLog, tmp_path: Path) -> Path:
    return log.export(tmp_path / "export", older=[1, 256, 700])


def first_of(report: verify.Report) -> tuple[int, str]:
    return report.failed[0]


def words_of(report: verify.Report) -> str:
    return "\n".join(words for _, words in report.failed)


def edit(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 513])
def test_an_untouched_export_is_good_at_any_size(size: int, tmp_path: Path) -> None:
    made = made_log(size)
    report = verify.verify(made.export(tmp_path / "export"), keys=[made.vkey])
    assert (report.code, report.failed) == (0, [])
    assert any(f"{size:,} entries without a gap" in words for words in report.proved)


def test_a_log_of_more_than_one_block_is_good(tmp_path: Path) -> None:
    made = MadeLog(plain_bodies(verify.BLOCK + 257))
    assert verify.verify(made.export(tmp_path / "export"), keys=[made.vkey]).failed == []


def test_what_is_not_proved_is_said(export: Path) -> None:
    report = verify.verify(export)
    assert report.code == 0
    said = "\n".join(report.not_proved)
    for words in ("give --key", "give --since", "no anchors"):
        assert words in said


def test_one_file_and_one_package_are_enough(log: MadeLog, export: Path, tmp_path: Path) -> None:
    """Run apart from the project: isolated, with nothing importable but `cryptography`."""
    alone = tmp_path / "verify.py"
    alone.write_bytes(Path(verify.__file__).read_bytes())
    guard = (
        "import sys, runpy\n"
        "class Only:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        top = name.partition('.')[0]\n"
        "        if top not in {'cryptography', '_cffi_backend', *sys.stdlib_module_names}:\n"
        "            raise ImportError(f'{name} is not to be needed')\n"
        "sys.meta_path.insert(0, Only())\n"
        f"sys.argv = ['verify', {str(export)!r}, '--key', {log.vkey!r}, '--json']\n"
        f"runpy.run_path({str(alone)!r}, run_name='__main__')\n"
    )
    ran = subprocess.run([sys.executable, "-I", "-c", guard], capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    assert json.loads(ran.stdout)["failed"] == []


def test_an_altered_event_is_named(export: Path) -> None:
    edit(export / "entries/000000.jsonl", lambda raw: raw.replace(body_of(17), body_of(17, "told")))
    report = verify.verify(export)
    assert report.code == TREE
    assert "event 00000000-0000-0000-0000-000000000012 at position 17 is not what was" in words_of(
        report
    )


def test_swapped_events_are_sent_home(export: Path) -> None:
    def swap(raw: bytes) -> bytes:
        lines = raw.split(b"\n")
        lines[3], lines[900] = lines[900], lines[3]
        return b"\n".join(lines)

    edit(export / "entries/000000.jsonl", swap)
    report = verify.verify(export)
    assert report.code == TREE
    assert "at position 3 is not what was signed: it belongs at position 900" in words_of(report)


def test_a_missing_event_is_a_gap(export: Path) -> None:
    edit(export / "entries/000000.jsonl", lambda raw: raw.replace(body_of(40) + b"\n", b"\n"))
    report = verify.verify(export)
    assert first_of(report) == (GAP, "the entry at position 40 is missing")


def test_a_line_too_few_is_a_gap(export: Path) -> None:
    edit(export / "entries/000000.jsonl", lambda raw: raw.replace(body_of(40) + b"\n", b""))
    report = verify.verify(export)
    assert first_of(report) == (GAP, "entries/000000.jsonl has 999 lines, not 1,000")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("tile/0/001", "tile/0: another leaf at position 256"),
        ("tile/1/000.p/3", "tile/1/000.p/3, hash 0: not the root of entries 0 to 255"),
    ],
)
def test_a_damaged_tile_is_named_and_the_events_stand(export: Path, name: str, words: str) -> None:
    edit(export / name, lambda raw: bytes([raw[0] ^ 1]) + raw[1:])
    report = verify.verify(export)
    assert first_of(report) == (TREE, words)
    assert any("entries without a gap give the signed root" in each for each in report.proved)


def test_a_missing_tile_is_named(export: Path) -> None:
    (export / "tile/0/002").unlink()
    report = verify.verify(export)
    assert report.code == TREE
    assert "tile/0/002 is missing or too short" in words_of(report)


@pytest.mark.parametrize("line", [1, 2])
def test_another_size_or_root_under_the_signature_is_refused(export: Path, line: int) -> None:
    def change(raw: bytes) -> bytes:
        lines = raw.split(b"\n")
        lines[line] = b"999" if line == 1 else base64.b64encode(bytes(32))
        return b"\n".join(lines)

    edit(export / "checkpoint", change)
    assert verify.verify(export).code == SIGNATURE


def test_a_checkpoint_signed_anew_over_another_root_is_found(log: MadeLog, export: Path) -> None:
    """Whoever holds the key can sign; the entries still disagree."""
    other = MadeLog([*log.bodies[:-1], body_of(5, "told")], log.keys)
    (export / "checkpoint").write_text(other.note(SIZE))
    report = verify.verify(export)
    assert report.code == TREE
    assert "the checkpoint's size or root is not theirs" in words_of(report)


def test_another_key_is_not_trusted(export: Path) -> None:
    report = verify.verify(export, keys=[made_log(0).vkey])
    assert first_of(report) == (SIGNATURE, "the checkpoint: signed by no trusted key")


def test_both_keys_of_a_rotation_are_accepted(log: MadeLog, tmp_path: Path) -> None:
    keys = made_log(0).keys
    keys.signing += log.keys.signing
    made = made_log(300, keys)
    for number, key in enumerate(keys.signing):
        vkey = str(verify_key(key.public))
        assert verify.verify(made.export(tmp_path / str(number)), keys=[vkey]).code == 0


def rotation(
    old: NoteKey,
    new: NoteKey,
    *,
    number: int,
    actor: str,
    until: datetime,
    signer: NoteKey | None = None,
) -> bytes:
    """The entry by which custody tells every log of its new key; the old one ends then."""
    event = json.loads(body_of(number))
    event |= {"action": "custody.signing_key.rotated", "actor": actor}
    said = f"bailiwick/signing-key/v1\n{new.public.hex()}\n{until.isoformat()}\n".encode()
    event["data"] = {
        "signature": (signer or old).sign(said).hex(),
        "purpose": "ledger.checkpoint",
        "public": new.public.hex(),
        "before": old.public.hex(),
        "before_until": until.isoformat(),
    }
    return rfc8785.dumps(event)


def rotated(
    log: MadeLog,
    place: Path,
    *,
    actor: str = "service:custody",
    kept: int = 700,
    until: int = 800,
    signer: NoteKey | None = None,
) -> str:
    """Export a log whose key changed at 600, with a checkpoint that the old one signed at `kept`.

    Returns the new key. The old one's time was over at `until`.
    """
    old, new = log.keys.signing[0], MemoryKey()
    ends, bodies = BEGAN + timedelta(seconds=until), list(log.bodies)
    bodies[600] = rotation(old, new, number=600, actor=actor, until=ends, signer=signer)
    before = MadeLog(bodies, MemoryKeys([old]))
    after = MadeLog(bodies, MemoryKeys([new], [PublicKey(old.public, BEGAN, ends)]))
    content = replace(after.content(), older=before.older([256, kept]))
    write(place, content, keys=after.keys.signing)
    return new.public.hex()


def test_a_new_key_is_trusted_through_the_old_one(log: MadeLog, tmp_path: Path) -> None:
    new = rotated(log, tmp_path / "export")
    report = verify.verify(tmp_path / "export", keys=[log.vkey])
    assert report.failed == []
    through = f"key {new[:16]} is trusted through {log.keys.signing[0].public.hex()[:16]}"
    assert any(words.startswith(through) and "signed 700" in words for words in report.proved)


@pytest.mark.parametrize(
    "how",
    [
        {"kept": 600},
        {"kept": 950, "until": 610},
        {"actor": "service:ledger"},
        {"signer": MemoryKey()},
    ],
    ids=lambda how: next(iter(how)),
)
def test_a_new_key_is_not_trusted_otherwise(
    log: MadeLog, tmp_path: Path, how: dict[str, Any]
) -> None:
    """The rotation stands above what the old key signed, or the old one's time was over, or
    somebody else wrote the entry, or wrote it in custody's name without the old key."""
    rotated(log, tmp_path / "export", **how)
    report = verify.verify(tmp_path / "export", keys=[log.vkey])
    assert first_of(report) == (SIGNATURE, "the checkpoint: signed by no trusted key")


def test_an_altered_rotation_gives_no_trust(log: MadeLog, tmp_path: Path) -> None:
    place = tmp_path / "export"
    new, other = rotated(log, place), MemoryKey().public.hex()
    edit(place / "entries/000000.jsonl", lambda raw: raw.replace(new.encode(), other.encode()))
    report = verify.verify(place, keys=[log.vkey])
    assert first_of(report) == (SIGNATURE, "the checkpoint: signed by no trusted key")
    assert (TREE, "the entries do not give the signed root") in report.failed


def verify_key(public: bytes) -> str:
    key = verify.Key(ORIGIN, 1, public)
    encoded = base64.b64encode(bytes([1]) + public).decode()
    return f"{ORIGIN}+{key.number(ORIGIN).hex()}+{encoded}"


def test_a_key_is_not_trusted_after_its_time(log: MadeLog, export: Path) -> None:
    def end(raw: bytes) -> bytes:
        said = json.loads(raw)
        said["log"][0]["until"] = "2026-11-01T00:00:01.000000Z"
        return json.dumps(said).encode()

    edit(export / "keys.json", end)
    report = verify.verify(export)
    assert report.code == SIGNATURE
    assert "by a key not in use then" in words_of(report)


def test_a_fork_fails_against_a_checkpoint_kept_before(log: MadeLog, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text(log.note(600))
    forked = MadeLog([*log.bodies[:599], body_of(599, "told"), *log.bodies[600:]], log.keys)
    place = forked.export(tmp_path / "fork")
    assert verify.verify(place).code == 0, "a fork is whole in itself"
    report = verify.verify(place, since=[kept])
    assert report.code == CONSISTENCY
    assert "the checkpoint of size 600 had other entries" in words_of(report)


def test_a_restored_backup_fails_against_a_checkpoint_kept_before(
    log: MadeLog, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.write_text(log.note(600))
    place = MadeLog(log.bodies[:500], log.keys).export(tmp_path / "backup")
    assert first_of(verify.verify(place, since=[kept])) == (
        CONSISTENCY,
        "the checkpoint of size 600 is ahead: this log ends at 500",
    )
    assert verify.verify(log.export(tmp_path / "whole"), since=[kept]).code == 0


def test_pruned_entries_leave_a_log_that_verifies(log: MadeLog, tmp_path: Path) -> None:
    place = log.export(tmp_path / "pruned", first=420, older=[100, 900])
    report = verify.verify(place, keys=[log.vkey])
    assert report.failed == []
    assert any("420 pruned entries" in words for words in report.not_proved)


def test_a_lost_event_of_a_source_is_named(log: MadeLog, tmp_path: Path) -> None:
    lost = MadeLog([*log.bodies[:8], *log.bodies[9:], body_of(SIZE)], log.keys)
    report = verify.verify(lost.export(tmp_path / "lost"))
    assert report.code == GAP
    assert "source test 0b7c2f0e-5f0c-4c37-8f7e-3a2d9c1f4b11 lost 9" in words_of(report)


@pytest.mark.parametrize("name", ["sources.json", "manifest.json"])
def test_any_other_file_is_held_by_the_manifest(export: Path, name: str) -> None:
    edit(export / name, lambda raw: raw + b"\n")
    assert verify.verify(export).code == MANIFEST


def test_a_file_more_is_found(export: Path) -> None:
    (export / "more.txt").write_text("read me")
    assert first_of(verify.verify(export)) == (MANIFEST, "more.txt is not in the manifest")


@pytest.mark.parametrize("name", ["checkpoint", "keys.json", "manifest.note"])
def test_what_cannot_be_read_is_said(export: Path, name: str) -> None:
    (export / name).write_bytes(b"\xff")
    with pytest.raises(verify.Unreadable):
        verify.verify(export)


@pytest.mark.parametrize("code", [0, 2, 10, "0", None, True])
def test_a_row_of_no_failure_cannot_hide_the_failures_behind_it(export: Path, code: object) -> None:
    """The first failure gives the exit code; a code of 0 in a file of the export said "Good"."""
    (export / "rows.json").write_text(json.dumps([{"code": code, "words": "fine"}]))
    with pytest.raises(verify.Unreadable, match="no code of a failure"):
        verify.verify(export)


def test_the_log_of_another_tenant_is_not_the_one_the_key_was_given_for(
    log: MadeLog, export: Path
) -> None:
    """One installation signs all its tenants' logs with one key."""
    public = log.keys.signing[0].public
    other = str(note.Verifier("bailiwick.localhost/ledger/another", public))
    report = verify.verify(export, keys=[other])
    assert report.code == SIGNATURE
    assert "the keys given are of bailiwick.localhost/ledger/another" in words_of(report)
    over_all = str(note.Verifier("bailiwick.localhost/ledger", public))
    assert verify.verify(export, keys=[over_all]).code == 0


def test_receipts_for_more_events_than_there_are_are_not_counted_out(export: Path) -> None:
    said = [{"source": "x", "name": "x", "ranges": [[1, 10**15]]}]
    (export / "sources.json").write_text(json.dumps(said))
    assert "a source has receipts for 1,000,000,000,000,000 events" in words_of(
        verify.verify(export)
    )


def test_nesting_without_end_is_unreadable(export: Path) -> None:
    (export / "sources.json").write_text("[" * 200_000)
    with pytest.raises(verify.Unreadable):
        verify.verify(export)


def test_what_an_export_says_cannot_command_the_terminal(
    export: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [{"code": TREE, "words": "\x1b[2J\x1b[HGood (exit code 0)\x1b[8m\n\u202e"}]
    (export / "rows.json").write_text(json.dumps(said))
    monkeypatch.setattr(sys, "argv", ["verify", str(export)])
    assert verify.main() == TREE
    printed = capsys.readouterr().out
    assert r"\x1b[2J\x1b[HGood" in printed
    assert not {"\x1b", "\u202e"} & set(printed)


def test_nothing_is_overwritten(log: MadeLog, export: Path) -> None:
    with pytest.raises(Invalid, match="exists already"):
        log.export(export)


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    made = made_log(300)
    made.leaves.pop()
    with pytest.raises(ValueError, match="does not continue"):
        made.export(tmp_path / "export", older=[301])
    assert list(tmp_path.iterdir()) == []
