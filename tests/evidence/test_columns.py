"""Columns of printed tables: wide enough for their words, and never wider than the table."""

from apps.evidence.pack.columns import widths


def _shares(rows: list[list[str]]) -> list[float]:
    return [float(width.removesuffix("%")) for width in widths(rows)]


def test_a_column_of_long_words_is_wider_than_one_of_digits() -> None:
    words, digits = _shares([["Fields", "Records"], ["SuppliedEmailAddress", "20"]])
    assert words > 1.5 * digits


def test_all_columns_together_fill_the_table() -> None:
    assert abs(sum(_shares([["a", "b", "c"], ["", "x" * 900, "1"]])) - 100) < 0.5


def test_one_endless_text_leaves_room_for_the_others() -> None:
    assert min(_shares([["a", "b"], ["x " * 900, "1"]])) > 10
