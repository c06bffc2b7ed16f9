"""Sealed in segments: any part opens, and no changed, moved, missing or added byte goes unseen."""

import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from apps.common.keyring import CannotOpen
from apps.evidence.segments import (
    SEGMENT,
    TAG,
    SealedFile,
    is_segmented,
    open_segments,
    seal_segments,
)

SIZES = (1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * SEGMENT)
WHOLE = SEGMENT + TAG


def _same(key: bytes) -> bytes:
    return key


def _sealed(plain: bytes, place: str = "here") -> bytes:
    target = BytesIO()
    assert seal_segments(BytesIO(plain), target, seal_key=_same, place=place) == len(plain)
    return target.getvalue()


def _open(tmp_path: Path, sealed: bytes, place: str = "here") -> SealedFile:
    path = tmp_path / "file"
    path.write_bytes(sealed)
    file = path.open("rb")
    assert is_segmented(file)
    return open_segments(file, open_key=_same, place=place)


@pytest.mark.parametrize("size", SIZES)
def test_what_was_sealed_comes_back(tmp_path: Path, size: int) -> None:
    plain = os.urandom(size)
    found = _open(tmp_path, _sealed(plain))
    assert found.size == size
    assert b"".join(found.read(0, size)) == plain


@pytest.mark.parametrize(
    ("first", "end"),
    [
        (0, 1),
        (SEGMENT - 1, SEGMENT + 1),
        (SEGMENT, 2 * SEGMENT),
        (5, 3 * SEGMENT),
        (SEGMENT, SEGMENT + 1),
    ],
)
def test_any_part_comes_back_alone(tmp_path: Path, first: int, end: int) -> None:
    plain = os.urandom(3 * SEGMENT)
    pieces = list(_open(tmp_path, _sealed(plain)).read(first, end))
    assert b"".join(pieces) == plain[first:end]
    assert max(map(len, pieces)) <= SEGMENT


def _flip(at: int) -> Callable[[bytes], bytes]:
    return lambda sealed: sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_flip(14), id="the sealed key"),
        pytest.param(_flip(50), id="a byte of the first segment"),
        pytest.param(_flip(-1), id="the last byte"),
        pytest.param(lambda sealed: sealed[:-1], id="one byte short"),
        pytest.param(lambda sealed: sealed[: 44 + WHOLE], id="the last segment left out"),
        pytest.param(lambda sealed: sealed + b"\0" * 40, id="something added"),
        pytest.param(
            lambda s: (
                s[:44] + s[44 + WHOLE : 44 + 2 * WHOLE] + s[44 : 44 + WHOLE] + s[44 + 2 * WHOLE :]
            ),
            id="two segments swapped",
        ),
    ],
)
def test_any_change_is_found(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    changed = change(_sealed(os.urandom(2 * SEGMENT + 7)))
    with pytest.raises(CannotOpen):
        found = _open(tmp_path, changed)
        list(found.read(0, found.size))


def test_a_file_does_not_open_in_another_place(tmp_path: Path) -> None:
    found = _open(tmp_path, _sealed(b"plain"), place="there")
    with pytest.raises(CannotOpen):
        list(found.read(0, 5))


@pytest.mark.parametrize("cut", [0, 5, 11, 13, 43, 50])
def test_a_file_cut_short_is_no_file(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(_sealed(b"plain")[:cut])
    with path.open("rb") as file, pytest.raises(CannotOpen):
        open_segments(file, open_key=_same, place="here")
