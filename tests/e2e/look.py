"""How a page looks and whether everyone can use it."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from playwright.sync_api import Page

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
# Every rule runs; where nothing is wrong, axe is spared describing what it looked at.
VIOLATIONS = """
rules => axe.run(document, {
    runOnly: {type: 'tag', values: rules}, resultTypes: ['violations'],
}).then(found => found.violations)
"""
WIDTHS = {1440: 900, 390: 844}
THEMES = ("light", "dark")
TALLEST = 6_000  # px; longer pages are pictured as they are
ONCE_EACH = ((1440, "light"), (390, "dark"))


def wanted() -> bool:
    """Whether this run takes pictures: only people look at them, and they take a third of the time
    of the browser tests. `PICTURES=1 make test ARGS=tests/e2e`."""
    return os.environ.get("PICTURES") == "1"


def pictures() -> Path:
    """Where pictures are kept."""
    folder = Path(settings.BASE_DIR) / "var" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def keep(page: Page, name: str, *, held: Sequence[tuple[int, str]] = ONCE_EACH) -> None:
    """Look at the page at both widths, and take it in both themes when pictures are wanted.

    Each width and each theme is held to the rules once: wide and light, narrow and dark. On long
    pages the rules take seconds. `held` names fewer looks, for a page that has a test of its own.
    """
    for width, height in WIDTHS.items():
        themes = [theme for theme in THEMES if wanted() or (width, theme) in held]
        if themes:
            _show_whole(page, width, height)
        for theme in themes:
            choose_theme(page, theme)
            take(page, f"{name}-{width}-{theme}", whole=True)
            if (width, theme) in held:
                check_fits(page, where=f"{name} at {width} px")
                check_access(page, where=f"{name} at {width} px, {theme}")
    page.set_viewport_size({"width": 1440, "height": WIDTHS[1440]})


def take(page: Page, name: str, *, whole: bool = False) -> None:
    """A picture of the window or of the whole page, when pictures are wanted."""
    if wanted():
        page.screenshot(path=pictures() / f"{name}.png", full_page=whole)


def _show_whole(page: Page, width: int, height: int) -> None:
    """A window as tall as the page, so that what sticks to its edges stands where it belongs."""
    page.set_viewport_size({"width": width, "height": height})
    tall: int = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": max(height, min(tall, TALLEST))})


def snap(page: Page, name: str) -> None:
    """Take the page as it stands, with an open menu or sheet, and hold it to the access rules."""
    take(page, name)
    check_access(page, where=name)


def choose_theme(page: Page, theme: str) -> None:
    """Change the theme as the page's own buttons do, and let transitions end."""
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.wait_for_function(
        "dark => document.documentElement.classList.contains('dark') === dark",
        arg=theme == "dark",
    )
    page.evaluate("document.fonts.ready")


def check_access(page: Page, *, where: str) -> None:
    """Fail on any violation of WCAG 2.2 A and AA that axe can see."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    wrong = [
        f"{rule['id']}: {rule['help']}\n    "
        + "\n    ".join(
            node["html"][:160] + json.dumps(node["any"])[:300] for node in rule["nodes"][:4]
        )
        for rule in page.evaluate(VIOLATIONS, RULES)
    ]
    assert not wrong, f"{where}\n" + "\n".join(wrong)


def check_fits(page: Page, *, where: str) -> None:
    """Fail when the page scrolls sideways."""
    over = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert over <= 0, f"{where} is {over} px too wide"
