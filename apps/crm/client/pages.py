"""What a web page that came instead of data seems to be. Matched loosely: nobody publishes them."""

import re

_LOOKED_AT = 8_000  # characters: titles and headings stand at the top
_SIGNS = (
    ("maintenance", re.compile(r"\bmaintenance\b|\bbe back (soon|shortly)\b")),
    ("single_sign_on", re.compile(r"\bsingle sign-?on\b|\bsaml(request|response)?\b|\bidp\b")),
    ("second_factor", re.compile(r"\bverify your identity\b|\bmulti-?factor\b")),
)


def kind_of_page(text: str) -> str:
    """`maintenance`, `single_sign_on`, `second_factor`, or nothing."""
    start = text[:_LOOKED_AT].lower()
    return next((name for name, sign in _SIGNS if sign.search(start)), "")
