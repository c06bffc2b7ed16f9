"""How wide the columns of a printed table are, from what stands in them.

The tables are laid out fixed, because a layout that measures every cell takes four times as long.
"""

import re
from collections.abc import Sequence

_TABLE = 104  # characters of the table's print in one line
_LEAST, _LONGEST_WORD, _GAP = 5, 22, 4  # the gap is a cell's padding
_ENOUGH = 40  # a column is not widened for texts longer than that: they wrap
_WHOLE = 14  # words up to that stay whole, longer ones may break after a hyphen
_HYPHENS = re.compile(r"(?<=[a-z]-)(?=[a-z])")


def widths(rows: Sequence[Sequence[str]]) -> list[str]:
    """Per cent of the table for each column; `rows` begin with the heads.

    Each gets room for its longest word, and of the rest what its longest text asks for.
    """
    columns = list(zip(*rows, strict=True))
    needs = [_longest_word(column) + _GAP for column in columns]
    wants = [min(max(map(len, column)), _ENOUGH) + 1 for column in columns]
    spare = max(_TABLE - sum(needs), 0)
    given = [need + spare * want / sum(wants) for need, want in zip(needs, wants, strict=True)]
    return [f"{100 * width / sum(given):.1f}%" for width in given]


def _longest_word(column: Sequence[str]) -> int:
    pieces = (piece for text in column for word in text.split() for piece in _pieces(word))
    return min(max(_LEAST, *map(len, pieces), 0), _LONGEST_WORD)


def _pieces(word: str) -> list[str]:
    return [word] if len(word) <= _WHOLE else _HYPHENS.split(word)
