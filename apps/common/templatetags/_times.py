"""Time is always two things: words for people, and the exact instant with its zone.

`static/console/console.js` keeps the words up to date with the same rules; change both together.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.common.templatetags._library import register

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def span_in_words(span: timedelta) -> str:
    """A length of time in one unit: `4 s`, `11 min`, `2 h`, `3 days`."""
    seconds = int(abs(span.total_seconds()))
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min"
    if seconds < 2 * _DAY:
        return f"{seconds // _HOUR} h"
    return f"{seconds // _DAY} days"


def moment_in_words(at: datetime, *, now: datetime) -> str:
    """`2 h ago`, `in 3 days`, `now`."""
    if abs((now - at).total_seconds()) < 1:
        return "now"
    span = span_in_words(now - at)
    return f"{span} ago" if at <= now else f"in {span}"


def countdown_in_words(left: timedelta) -> str:
    """`1 d 02:03:04`, `02:03:04`, `11:09`: fixed width while it runs."""
    seconds = max(0, int(left.total_seconds()))
    days, rest = divmod(seconds, _DAY)
    hours, rest = divmod(rest, _HOUR)
    minutes, seconds = divmod(rest, _MINUTE)
    clock = f"{minutes:02}:{seconds:02}"
    if days or hours:
        clock = f"{hours:02}:{clock}"
    return f"{days} d {clock}" if days else clock


def exactly(at: datetime) -> str:
    """The instant to the second, in UTC: `2026-11-21 14:02:09 UTC`."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


@register.simple_tag(takes_context=True)
def moment(context: dict[str, Any], at: datetime | None, nothing: str = "never") -> SafeString:
    """When something was or will be. `nothing` is said where there is no time."""
    if not at:
        return format_html('<span class="c-faint">{}</span>', nothing)
    words = moment_in_words(at, now=_now(context))
    return format_html(
        '<time class="c-moment" datetime="{}" title="{}" data-moment>{}</time>',
        at.isoformat(),
        exactly(at),
        words,
    )


@register.simple_tag
def instant(at: datetime | None, nothing: str = "never") -> SafeString:
    """The exact instant in the open, for records and print."""
    if not at:
        return format_html('<span class="c-faint">{}</span>', nothing)
    return format_html(
        '<time class="c-number" datetime="{}">{}</time>', at.isoformat(), exactly(at)
    )


@register.simple_tag(takes_context=True)
def countdown(
    context: dict[str, Any], until: datetime | None, over: str = "over", suffix: str = "left"
) -> SafeString:
    """Live time left; says `over` once it has passed. Stands still as text without scripts."""
    if not until:
        return format_html('<span class="c-faint">{}</span>', "no deadline")
    left = until - _now(context)
    running = left.total_seconds() > 0
    return format_html(
        '<time class="c-countdown" datetime="{}" title="until {}" role="timer" data-countdown '
        'data-over="{}" data-suffix="{}">{}</time>',
        until.isoformat(),
        exactly(until),
        over,
        suffix,
        f"{countdown_in_words(left)} {suffix}".strip() if running else over,
    )


def _now(context: dict[str, Any]) -> datetime:
    now = context.get("now")
    return now if isinstance(now, datetime) else timezone.now()
