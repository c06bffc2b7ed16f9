"""A pack's events are shown to stand in the signed ledger, and what is not shown is said."""

import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from apps.evidence.pack.build import build_pack
from apps.evidence.pack.content import Annex
from apps.evidence.pack.drawing import ANNEX_LEVEL
from apps.evidence.pack.manifest import KeyInMemory
from apps.evidence.pack.positions import KEYS_NAME
from apps.evidence.pack.seal import PadesSealer
from apps.evidence.verify.__main__ import main
from apps.evidence.verify.attachments import take_out
from apps.evidence.verify.document import open_document
from apps.evidence.verify.report import Exit, Report
from apps.evidence.verify.run import verify
from apps.ledger.note import Verifier
from tests.evidence import made_up, signed_log
from tests.evidence.reading import failure

Made = Callable[[Sequence[Annex], Sequence[bytes]], bytes]
KEY, OTHER = signed_log.KEY, signed_log.OTHER
RANGES = [(3, 9), (40, 41), (90, 100)]


@pytest.fixture(scope="module")
def made(sealer: PadesSealer, signer: KeyInMemory) -> Made:
    content = made_up.content(sections=(made_up.emergency_access(),))

    def build(annexes: Sequence[Annex], bodies: Sequence[bytes]) -> bytes:
        return build_pack(content, annexes=annexes, events=bodies, signer=signer, sealer=sealer)

    return build


@pytest.fixture(scope="module")
def whole(made: Made) -> bytes:
    """Positions 12 to 80 of 100, none left out."""
    return made(signed_log.annexes(100, [(12, 81)]), signed_log.bodies([(12, 81)]))


def said(report: Report) -> str:
    return next(step.said for step in report.steps if step.name == "Ledger")


def test_a_stretch_is_shown_to_be_whole(whole: bytes) -> None:
    report = verify(whole)
    assert report.exit_code == Exit.GOOD, report.steps
    assert "69 events stand in the signed ledger" in said(report)
    assert "at positions 12 to 80; none between is missing" in said(report)
    assert not any("is missing" in line for line in report.not_proved)


def test_chosen_events_are_shown_with_their_gaps(made: Made) -> None:
    report = verify(made(signed_log.annexes(100, RANGES), signed_log.bodies(RANGES)))
    assert report.exit_code == Exit.GOOD, report.steps
    assert "17 events" in said(report)
    assert "3 stretches between positions 3 and 99" in said(report)
    assert any("missing between the stretches" in line for line in report.not_proved)


def test_events_without_a_position_are_said_to_be_unproved(made: Made) -> None:
    late = [signed_log.event(1000), signed_log.event(1001)]
    pdf = made(signed_log.annexes(20, [(0, 20)], loose=2), [*signed_log.bodies([(0, 20)]), *late])
    report = verify(pdf)
    assert report.exit_code == Exit.GOOD, report.steps
    assert "2 more have no position" in said(report)
    assert any("the last 2 events" in line for line in report.not_proved)


def test_a_pack_without_proof_says_that_it_has_none(pack: bytes) -> None:
    assert any("brings no proof" in line for line in verify(pack).not_proved)


@pytest.mark.parametrize(
    ("annexes", "bodies", "words"),
    [
        (
            signed_log.annexes(100, [(10, 20)]),
            [*signed_log.bodies([(10, 15)]), *signed_log.bodies([(16, 21)])],
            "do not lead to the root",
        ),
        (signed_log.annexes(100, [(10, 20)]), signed_log.bodies([(10, 19)]), "not as many"),
        (
            signed_log.annexes(100, [(10, 20)], named=signed_log.OTHER),
            signed_log.bodies([(10, 20)]),
            "no known key has signed",
        ),
        (
            signed_log.annexes(100, [(10, 20)])[:2],
            signed_log.bodies([(10, 20)]),
            "is missing",
        ),
        (
            signed_log.annexes(100, [(10, 20)]),
            [*signed_log.bodies([(10, 19)]), signed_log.event(19, tenant="another")],
            "not that of the tenant",
        ),
    ],
    ids=["one left out", "one too few", "another key", "no keys", "another tenant"],
)
def test_a_proof_that_does_not_hold_is_refused(
    made: Made, annexes: Sequence[Annex], bodies: Sequence[bytes], words: str
) -> None:
    kind, told, _ = failure(verify(made(annexes, bodies)))
    assert kind == Exit.LEDGER
    assert words in told


def test_keys_got_by_another_way_decide(whole: bytes, tmp_path: Path) -> None:
    path, keys = tmp_path / "pack.pdf", tmp_path / "keys.txt"
    path.write_bytes(whole)
    keys.write_text(f"{Verifier(signed_log.ORIGIN, signed_log.KEY.public)}\n")
    assert main([str(path), "--ledger-keys", str(keys)]) == Exit.GOOD
    keys.write_text(f"{Verifier(signed_log.ORIGIN, signed_log.OTHER.public)}\n")
    assert main([str(path), "--ledger-keys", str(keys)]) == Exit.LEDGER


def test_with_keys_given_a_pack_without_proof_is_not_good(pack: bytes) -> None:
    report = verify(pack, ledger_keys=[Verifier(signed_log.ORIGIN, signed_log.KEY.public)])
    assert failure(report)[0] == Exit.LEDGER


def test_keys_that_only_the_pack_names_sign_no_anchor_when_others_were_given(made: Made) -> None:
    """A real checkpoint beside a log of logs of one's own, and both keys in the pack."""
    keys = [{"vkey": str(Verifier(signed_log.ORIGIN, key.public))} for key in (KEY, OTHER)]
    told = json.dumps({"origin": signed_log.ORIGIN, "keys": keys}).encode()
    ledger = [
        replace(annex, data=told) if annex.name == KEYS_NAME else annex
        for annex in signed_log.annexes(100, [(12, 81)])
    ]
    forged = signed_log.as_annexes(signed_log.anchors(60, 100, key=OTHER))
    pdf = made((*ledger, *forged), signed_log.bodies([(12, 81)]))
    assert verify(pdf).exit_code == Exit.GOOD
    report = verify(pdf, ledger_keys=[Verifier(signed_log.ORIGIN, KEY.public)])
    assert failure(report)[0] == Exit.LEDGER


def test_anchors_are_followed_from_the_events_to_the_log_of_all_logs(made: Made) -> None:
    files = signed_log.as_annexes(signed_log.anchors(60, 100))
    given = (*signed_log.annexes(100, [(12, 81)]), *files)
    report = verify(made(given, signed_log.bodies([(12, 81)])))
    assert report.exit_code == Exit.GOOD, report.steps
    step = next(step.said for step in report.steps if step.name == "Anchors")
    assert "the first 60 events stand in the log of all logs (5 entries)" in step


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("anchor-leaf.json", signed_log.anchors(61, 100)),
        ("anchor-consistency.json", signed_log.anchors(60, 101)),
        ("anchor-checkpoint.txt", {"anchor-checkpoint.txt": b"another\n1\nAA==\n\n"}),
    ],
)
def test_an_anchor_of_something_else_is_refused(
    made: Made, name: str, other: dict[str, bytes]
) -> None:
    files = signed_log.as_annexes({**signed_log.anchors(60, 100), name: other[name]})
    given = (*signed_log.annexes(100, [(12, 81)]), *files)
    report = verify(made(given, signed_log.bodies([(12, 81)])))
    assert failure(report)[0] == Exit.LEDGER


@pytest.mark.parametrize(
    "name", ["checkpoint.txt", "proof-ledger.json", "ledger-keys.json", "oscal-assessment-results"]
)
def test_a_byte_flipped_in_an_annex_of_the_ledger_is_found_and_named(
    whole: bytes, name: str
) -> None:
    """The seal finds it, and the steps after it say in which file."""
    _, document = open_document(whole)
    _, attached = take_out(document)
    full = next(each for each in attached.files if each.startswith(name))
    packed = zlib.compress(attached.files[full], ANNEX_LEVEL)
    place = whole.index(packed) + len(packed) // 2
    for turned in (0x01, 0x80):
        bad = bytearray(whole)
        bad[place] ^= turned
        report = verify(bytes(bad))
        assert report.exit_code == Exit.SIGNATURE
        assert any(full in step.where for step in report.steps if step.name == "Files")
