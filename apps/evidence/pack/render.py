"""Draws the unsigned PDF: HTML by Django's template engine (no settings needed), then PDF/A-3a."""

import importlib
from pathlib import Path
from typing import Any, Protocol, cast

from django.template import Context, Engine

from .content import Annex, PackContent
from .errors import RendererMissing
from .language import Language, language
from .view import context

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"


class _Drawing(Protocol):
    def draw(
        self, html: str, css: str, *, files: tuple[Annex, ...], at: Any, logo: bytes
    ) -> bytes: ...


def render(
    content: PackContent,
    *,
    files: tuple[Annex, ...],
    events: int,
    merkle_root: bytes,
    seal_root: str,
) -> bytes:
    """Return the unsigned PDF/A-3a with ``files`` embedded; same input, same bytes.

    Raises ``RendererMissing`` when pango is not installed on this machine.
    """
    words = context(
        content, files=files, events=events, merkle_root=merkle_root, seal_root=seal_root
    )
    engine = Engine(dirs=[str(TEMPLATES)], autoescape=True)
    html = engine.get_template("evidence/pack/pack.html").render(Context(words))
    css = (TEMPLATES / "evidence/pack/pack.css").read_text(encoding="utf-8")
    return _drawing().draw(
        html,
        css + _page_numbers(language(content.language)),
        files=files,
        at=content.generated_at,
        logo=content.logo,
    )


def _page_numbers(say: Language) -> str:
    """The one style rule that holds words; they come from the catalogue, from nobody else."""
    words = f'"{say("format.page")} " counter(page) " {say("format.of")} " counter(pages)'
    return f"@page {{ @bottom-right {{ content: {words} }} }}"


def _drawing() -> _Drawing:
    """Load the module that needs pango only now: the rest of the product runs without it."""
    try:
        return cast(_Drawing, importlib.import_module("apps.evidence.pack.drawing"))
    except OSError as error:
        raise RendererMissing(
            "pango is not installed, so no PDF can be drawn; install libpango-1.0-0, "
            "libpangoft2-1.0-0, libharfbuzz-subset0 and fonts-dejavu-core"
        ) from error
