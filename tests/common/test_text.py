"""Free text that people give."""

import pytest

from apps.common.errors import Invalid
from apps.common.text import require_text
from apps.evidence.pack.errors import ContentRefused
from apps.evidence.pack.text import checked


@pytest.mark.parametrize("sign", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\ud800", "\ufffe"])
def test_what_no_pack_can_print_is_refused_before_it_is_kept(sign: str) -> None:
    """Otherwise one person's words make a whole part of an evidence pack unreadable."""
    with pytest.raises(ContentRefused):
        checked("justification", f"Org{sign}down")
    with pytest.raises(Invalid, match="Remove it"):
        require_text(f"Org{sign}down", field="justification", label="The reason", at_most=80)


def test_lines_and_other_scripts_are_kept() -> None:
    words = "Zeile eins\nZeile zwei\t\u4e2d\u6587 \U0001f512 \u0639"
    assert require_text(words, field="note", label="The note", at_most=80) == words
