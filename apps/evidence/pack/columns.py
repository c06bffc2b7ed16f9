"""How wide the columns of a printed table are, from what stands in them.

The tables are laid out fixed, because a layout that measures every cell takes four times as long.
"""

from collections.abc import Sequence

_LEAST, _LONGEST_WORD, _GAP = 5, 22, 4  # in characters; the gap is a cell's padding
_ENOUGH = 40  # a column is not widened for texts longer than that: they wrap


def widths(rows: Sequence[Sequence[str]]) -> list[str]:
    """Per cent of the table for each column; `rows` begin with the heads.

    Each gets room for its longest word, and of the rest what its longest text asks for.
    """
    weights = [_weight(column) for column in zip(*rows, strict=True)]
    return [f"{100 * weight / sum(weights):.1f}%" for weight in weights]


def _weight(column: Sequence[str]) -> float:
    words = [len(word) for text in column for word in text.split()]
    longest = min(max(words, default=0), _LONGEST_WORD)
    text = min(max(map(len, column)), _ENOUGH)
    return max(longest, _LEAST) + _GAP + max(text - longest, 0) / 4
