"""Rules for text that enters a pack: what is refused, and how hostile text is shown."""

from .errors import ContentRefused
from .language import Language

MAX_TEXT_CHARS = 200_000
SHOWN_CHARS = 600
_BIDI_CONTROLS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
_VISIBLE = {ord(sign): f"[U+{ord(sign):04X}]" for sign in _BIDI_CONTROLS}
_ALLOWED_CONTROLS = frozenset("\t\n\r")


def checked(field: str, value: str) -> str:
    """Return ``value`` unchanged, or raise ``ContentRefused`` naming the field and the place.

    Control characters and half surrogates have no form in XML, PDF or a spreadsheet; dropping
    them silently would make the page differ from the record.
    """
    if len(value) > MAX_TEXT_CHARS:
        raise ContentRefused(
            field, f"longer than {MAX_TEXT_CHARS:,} characters; attach it as an annex"
        )
    for place, sign in enumerate(value):
        if _is_unprintable(sign):
            raise ContentRefused(
                field,
                f"character {place + 1} is U+{ord(sign):04X}, which cannot be printed; "
                "remove it or attach the raw bytes as an annex",
            )
    return value


def _is_unprintable(sign: str) -> bool:
    code = ord(sign)
    control = (code < 0x20 and sign not in _ALLOWED_CONTROLS) or 0x7F <= code < 0xA0
    return control or 0xD800 <= code <= 0xDFFF or code in (0xFFFE, 0xFFFF)


def shown(value: str, say: Language, limit: int = SHOWN_CHARS) -> str:
    """Return what the page prints: direction overrides made visible, very long text cut and said.

    The whole text is always in ``summary.json``, so nothing is lost by the cut.
    """
    rest = len(value) - limit
    text = value if rest <= 0 else value[:limit]
    text = text.translate(_VISIBLE)
    return text if rest <= 0 else text + say("format.cut", n=rest)
