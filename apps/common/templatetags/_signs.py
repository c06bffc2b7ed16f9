"""Icons, statuses, messages: what things look like, never by colour alone."""

from typing import Any

from django.contrib.messages import constants as levels
from django.contrib.messages.storage.base import Message
from django.template import TemplateSyntaxError
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.common.templatetags._library import register

TONES: dict[str, str] = {
    "good": "circle-check",
    "attention": "triangle-alert",
    "danger": "octagon-x",
    "neutral": "circle",
    "unknown": "circle-question-mark",
}
_LEVELS = {levels.SUCCESS: "good", levels.WARNING: "attention", levels.ERROR: "danger"}


def checked_tone(tone: str) -> str:
    """One of the five tones; anything else is a mistake in the template."""
    if tone not in TONES:
        raise TemplateSyntaxError(f"{tone!r} is no tone: use {', '.join(TONES)}")
    return tone


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of `static/console/icons.svg`; silent to screen readers unless it has a label."""
    return format_html(
        '<svg class="c-icon" width="18" height="18" {}><use href="{}#{}"></use></svg>',
        format_html('role="img" aria-label="{}"', label)
        if label
        else SafeString('aria-hidden="true"'),
        static("console/icons.svg"),
        name or "circle",
    )


@register.inclusion_tag("components/status.html")
def status(tone: str, words: str, about: str = "") -> dict[str, str]:
    """How something stands: icon, words and colour. `about` explains it on hover."""
    return {"tone": checked_tone(tone), "icon": TONES[tone], "words": words, "about": about}


@register.inclusion_tag("components/note.html")
def note(tone: str, words: str, detail: str = "") -> dict[str, str]:
    """A boxed sentence that people should read before they go on."""
    return {"tone": checked_tone(tone), "icon": TONES[tone], "words": words, "detail": detail}


@register.inclusion_tag("components/empty.html")
def empty(
    title: str, text: str = "", action_url: str = "", action_label: str = ""
) -> dict[str, str]:
    """An empty state: what this is for, and the first step."""
    return {"title": title, "text": text, "action_url": action_url, "action_label": action_label}


@register.inclusion_tag("components/keys.html")
def keys(*hints: str) -> dict[str, Any]:
    """The hint bar. Each hint is `key:what it does`."""
    return {"hints": [hint.split(":", 1) for hint in hints]}


@register.filter
def initials(name: str) -> str:
    """At most two initials of a name."""
    words = [word for word in str(name or "").split() if word]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@register.filter
def message_tone(message: Message) -> str:
    """The tone of one of Django's messages."""
    return _LEVELS.get(message.level, "neutral")


@register.filter
def message_icon(message: Message) -> str:
    """The icon of one of Django's messages."""
    return TONES[message_tone(message)] if message.level in _LEVELS else "info"
