"""Values as people read them: ids to copy, counts, progress, differences, matrix cells."""

from typing import Any

from django.http import HttpRequest
from django.template import TemplateSyntaxError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.common.templatetags._library import register
from apps.common.templatetags._signs import checked_tone

CELLS: dict[str, tuple[str, str]] = {
    "yes": ("check", "yes"),
    "no": ("minus", "no"),
    "extra": ("triangle-alert", "too much"),
    "missing": ("circle-dashed", "missing"),
    "unknown": ("circle-question-mark", "unknown"),
}


@register.inclusion_tag("components/copyable.html")
def copyable(value: object, shown: object = "", label: str = "Copy") -> dict[str, object]:
    """An id in monospace with a copy button. `shown` may abbreviate what is copied."""
    return {"value": value, "shown": shown or value, "label": label}


@register.filter
def grouped(number: int) -> str:
    """A count with its thousands told apart: `1,204,332`."""
    return f"{number:,}"


@register.filter
def coded(words: str) -> SafeString:
    """A sentence whose `names in backticks` are set as code."""
    parts = [
        format_html("<code>{}</code>", part) if at % 2 else part
        for at, part in enumerate(str(words).split("`"))
    ]
    return format_html_join("", "{}", ((part,) for part in parts))


@register.inclusion_tag("components/stat.html")
def stat(
    label: str, value: object, detail: str = "", tone: str = "neutral", url: str = ""
) -> dict[str, object]:
    """One figure with what it counts; `value=None` reads "unknown"."""
    shown = "unknown" if value is None else value
    tone = "unknown" if value is None else checked_tone(tone)
    return {"label": label, "value": shown, "detail": detail, "tone": tone, "url": url}


@register.inclusion_tag("components/progress.html")
def progress(
    done: int,
    total: int | None,
    label: str = "Progress",
    *,
    poll_url: str = "",
    detail: str = "",
    tone: str = "good",
) -> dict[str, object]:
    """Done of total. With `poll_url` it asks that address every two seconds for its own
    replacement, until a fragment comes without one; `total=None` means not counted yet."""
    percent = None if not total else min(100, done * 100 // total)
    return {
        "done": done,
        "total": total,
        "percent": percent,
        "label": label,
        "poll_url": poll_url,
        "detail": detail,
        "tone": checked_tone(tone),
    }


@register.inclusion_tag("components/diff.html")
def diff(before: object, after: object, label: str = "") -> dict[str, object]:
    """Before beside after; equal values fold to one quiet word."""
    return {"before": before, "after": after, "label": label, "same": before == after}


@register.inclusion_tag("components/cell.html")
def cell(kind: str, words: str = "", about: str = "") -> dict[str, str]:
    """A matrix cell: yes, no, extra, missing or unknown, each with icon and spoken word."""
    if kind not in CELLS:
        raise TemplateSyntaxError(f"{kind!r} is no cell: use {', '.join(CELLS)}")
    icon, spoken = CELLS[kind]
    return {"kind": kind, "icon": icon, "spoken": spoken, "words": words, "about": about}


@register.inclusion_tag("components/filter_link.html", takes_context=True)
def filter_link(
    context: dict[str, Any], words: str, name: str, value: object, count: int | None = None
) -> dict[str, object]:
    """One choice of a filter in the address. An empty value takes the filter away."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    for key in ("cursor", "before", "after", name):
        query.pop(key, None)
    chosen = request.GET.get(name, "") == str(value)
    if value != "":
        query[name] = str(value)
    return {"words": words, "url": f"?{query.urlencode()}", "chosen": chosen, "count": count}


@register.inclusion_tag("components/pager.html")
def pager(
    older_url: str = "",
    newer_url: str = "",
    words: str = "",
    older: str = "Older",
    newer: str = "Newer",
) -> dict[str, str]:
    """Keyset pagination: addresses of the pages beside this one, and what is on this one."""
    return {
        "older_url": older_url,
        "newer_url": newer_url,
        "words": words,
        "older": older,
        "newer": newer,
    }
