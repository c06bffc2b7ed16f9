"""Free text from people, checked once: no control characters, not only blanks, not endless."""

from unicodedata import category

from apps.common.errors import Invalid


def _is_unprintable(sign: str) -> bool:
    """What no page, PDF or spreadsheet can show: a part of an evidence pack that quotes it could
    not be written, so one person's text would keep out what others did."""
    return sign not in "\t\n\r" and (category(sign) in {"Cc", "Cs"} or sign in "\ufffe\uffff")


def require_text(value: str, *, field: str, label: str, at_least: int = 1, at_most: int) -> str:
    """The trimmed text, or `Invalid` naming the field and the fix. Lengths are in characters."""
    if "\x00" in value:
        raise Invalid(f"{label} contains a NUL character. Remove it.", field=field)
    if any(map(_is_unprintable, value)):
        raise Invalid(f"{label} contains a control character. Remove it.", field=field)
    trimmed = value.strip()
    if not trimmed:
        raise Invalid(f"{label} is empty. Write at least {at_least} characters.", field=field)
    if len(trimmed) < at_least:
        raise Invalid(f"{label} is too short. Write at least {at_least} characters.", field=field)
    if len(trimmed) > at_most:
        raise Invalid(
            f"{label} has {len(trimmed):,} characters; at most {at_most:,} fit.", field=field
        )
    return trimmed
