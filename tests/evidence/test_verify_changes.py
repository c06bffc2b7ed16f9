"""A pack changed after it was sealed is found out, whichever byte it was."""

import random

import pytest

from apps.evidence.verify.report import Exit
from apps.evidence.verify.run import verify
from tests.evidence.reading import failure


def gap_of(pack: bytes) -> tuple[int, int]:
    start = pack.index(b"/Contents <") + len(b"/Contents ")
    return start, pack.index(b">", start)


def regions(pack: bytes) -> dict[str, range]:
    start, end = gap_of(pack)
    signature = start + len(pack[start:end].rstrip(b"0"))
    return {
        "header": range(0, 16),
        "pages and annexes": range(16, start),
        "opening bracket": range(start, start + 1),
        "signature": range(start + 1, signature),
        "padding": range(signature, end),
        "closing bracket": range(end, end + 1),
        "after the signature": range(end + 1, len(pack) - 64),
        "cross-reference and end": range(len(pack) - 64, len(pack)),
    }


@pytest.mark.parametrize(
    "region",
    [
        "header", "pages and annexes", "opening bracket", "signature", "padding",
        "closing bracket", "after the signature", "cross-reference and end",
    ],
)  # fmt: skip
def test_one_changed_byte_is_found_wherever_it_is(pack: bytes, region: str) -> None:
    places = regions(pack)[region]
    chance = random.Random(region)
    for place in sorted(chance.sample(places, min(12, len(places)))):
        for turned in (0x01, 0x20):
            bad = bytearray(pack)
            bad[place] ^= turned
            assert verify(bytes(bad)).exit_code != Exit.GOOD, f"byte {place} xor {turned}"


def test_a_change_of_case_in_the_signature_is_placed_to_the_byte(pack: bytes) -> None:
    start, end = gap_of(pack)
    place = next(p for p in range(start + 40, end) if chr(pack[p]) in "ABCDEF")
    bad = bytearray(pack)
    bad[place] ^= 0x20
    assert failure(verify(bytes(bad))) == (
        Exit.SIGNATURE, "the space around the signature was changed", f"byte {place:,}",
    )  # fmt: skip


def test_a_changed_timestamp_is_told_apart_from_a_changed_seal(pack: bytes) -> None:
    start, end = gap_of(pack)
    last = start + len(pack[start:end].rstrip(b"0")) - 1  # the token's signature ends the CMS
    place = next(p for p in range(last - 40, last) if chr(pack[p]) in "2468")
    bad = bytearray(pack)
    bad[place] ^= 0x01
    assert failure(verify(bytes(bad)))[:2] == (
        Exit.TIMESTAMP, "the timestamp does not belong to this seal",
    )  # fmt: skip


def test_bytes_added_at_the_end_are_found_and_counted(pack: bytes) -> None:
    kind, said, where = failure(verify(pack + b"\n"))
    assert (kind, said) == (Exit.SIGNATURE, "1 bytes were added after the signature")
    assert where == f"bytes {len(pack):,} to {len(pack):,}"


def test_a_changed_annex_is_named_even_though_the_seal_is_broken_too(pack: bytes) -> None:
    stream = pack.index(b"/application#2fjsonl")
    place = pack.index(b"stream\n", stream) + 60
    bad = bytearray(pack)
    bad[place] ^= 0x10
    report = verify(bytes(bad))
    assert report.exit_code == Exit.SIGNATURE
    assert any("events.jsonl" in step.where for step in report.steps if step.name == "Files")


@pytest.mark.parametrize("keep", [0, 4, 9, 1000, 50_000, -1, -300])
def test_a_cut_off_file_is_refused_in_words(pack: bytes, keep: int) -> None:
    assert verify(pack[:keep]).exit_code != Exit.GOOD
