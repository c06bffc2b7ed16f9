"""Charts as figures for the page: bar lengths and places, as plain numbers in SVG units."""

from typing import Any

from .content import Bar, Chart
from .language import Language
from .text import SHOWN_CHARS, shown

WIDTH, HEIGHT, FOOT = 160.0, 34.0, 5.0  # millimetres, so that SVG units print one to one
BAR_WIDTH = 60.0
MOST_LABELS = 6
_LABEL_CHARS = 80


def chart(given: Chart, say: Language) -> dict[str, Any]:
    """What the template draws: upright bars in one picture, lying ones each beside its number."""
    most = max((bar.value for bar in given.bars), default=0) or 1
    words = shown(given.caption, say, SHOWN_CHARS)
    told = "; ".join(f"{bar.label}: {say.number(bar.value)}" for bar in given.bars[:40])
    return {
        "caption": words,
        "upright": given.upright,
        "alt": f"{words}. {shown(told, say)}",
        "most": say.number(most),
        "width": f"{WIDTH:.2f}",
        "height": f"{HEIGHT + FOOT:.2f}",
        "base": f"{HEIGHT:.2f}",
        "foot": f"{HEIGHT + FOOT - 1:.2f}",
        "bars": [
            _upright(bar, number, len(given.bars), most, say)
            if given.upright
            else _lying(bar, most, say)
            for number, bar in enumerate(given.bars)
        ],
    }


def _lying(bar: Bar, most: int, say: Language) -> dict[str, Any]:
    return {
        "label": shown(bar.label, say, _LABEL_CHARS),
        "value": say.number(bar.value),
        "tone": bar.result or "plain",
        "width": f"{BAR_WIDTH * bar.value / most:.2f}",
    }


def _upright(bar: Bar, number: int, count: int, most: int, say: Language) -> dict[str, Any]:
    room = WIDTH / count
    height = HEIGHT * 0.92 * bar.value / most
    every = -(-count // MOST_LABELS)
    return {
        "label": shown(bar.label, say, _LABEL_CHARS) if number % every == 0 else "",
        "tone": bar.result or "plain",
        "x": f"{number * room + room * 0.1:.2f}",
        "width": f"{min(room * 0.8, 8):.2f}",
        "y": f"{HEIGHT - height:.2f}",
        "height": f"{height:.2f}",
    }
