"""Which bytes a Range header means (RFC 9110 §14)."""

import pytest

from apps.evidence.downloads.ranges import RangeOutside, choose_part

ETAG, SIZE = '"abc"', 1000


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-499", 0, 499),
        ("bytes=500-", 500, 999),
        ("bytes=-1", 999, 999),
        ("bytes=-5000", 0, 999),
        ("bytes=999-999", 999, 999),
        ("bytes=0-99999", 0, 999),
        ("bytes= 0-1 ", 0, 1),
    ],
)
def test_one_range_is_that_part(asked: str, first: int, last: int) -> None:
    part, is_partial = choose_part(asked, if_range="", etag=ETAG, size=SIZE)
    assert (part.first, part.last, is_partial) == (first, last, True)
    assert part.content_range == f"bytes {first}-{last}/1000"


@pytest.mark.parametrize(
    "asked",
    ["", "bytes=-", "bytes=0-1,5-6", "items=0-1", "bytes=9-1", "bytes=a-b", "bytes=²-3", "bytes"],
)
def test_anything_else_is_the_whole_file(asked: str) -> None:
    part, is_partial = choose_part(asked, if_range="", etag=ETAG, size=SIZE)
    assert (part.length, is_partial) == (SIZE, False)


@pytest.mark.parametrize("asked", ["bytes=1000-", "bytes=1000-2000", "bytes=-0"])
def test_behind_the_end_there_is_nothing(asked: str) -> None:
    with pytest.raises(RangeOutside) as refused:
        choose_part(asked, if_range="", etag=ETAG, size=SIZE)
    assert refused.value.data == {"size": SIZE}


@pytest.mark.parametrize(
    ("if_range", "is_partial"),
    [
        (ETAG, True),
        ('"other"', False),
        ('W/"abc"', False),
        ("Sun, 22 Nov 2026 02:00:00 GMT", False),
    ],
)
def test_a_part_of_another_file_is_not_given(if_range: str, is_partial: bool) -> None:
    found = choose_part("bytes=5-9", if_range=if_range, etag=ETAG, size=SIZE)
    assert found[1] is is_partial
