"""Masking a record before a model sees it, and putting the values back into the answer.

Pure. Fields that the verdict names are replaced whole; their values are replaced wherever else
they occur; addresses, phone numbers and IBANs in free text are replaced whatever the verdict.
Text is compared and sent in NFKC without invisible characters, so that neither hides a value.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

SHORTEST_SEARCHED = 3  # characters; shorter values would tear words apart
_BRACKETS = re.compile(r"\[(?=\[)|\](?=\])")
_PLACEHOLDER = re.compile(r"\[\[[A-Z]+_[0-9]+\]\]")
_FOUND = [
    ("EMAIL", re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")),
    ("IBAN", re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")),
    ("PHONE", re.compile(r"(?<!\w)(?:\+|00?)\d[\d ()/.-]{6,18}\d\b")),
    ("PHONE", re.compile(r"(?<![\w.-])\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b")),
]
_KINDS = (("EMAIL", "email"), ("PHONE", "phone"), ("PHONE", "mobile"), ("NAME", "name"))


@dataclass(slots=True)
class Masked:
    """Values by field as a model may see them, and what stands behind each placeholder."""

    values: dict[str, str] = field(default_factory=dict)
    behind: dict[str, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many different values were masked."""
        return len(self.behind)

    def restored(self, answer: str) -> str:
        """The answer with the values back in place of their placeholders."""
        return _PLACEHOLDER.sub(lambda found: self.behind.get(found[0], found[0]), answer)

    def cover(self, kind: str, value: str) -> str:
        """The placeholder for a value; the same value has the same one."""
        for placeholder, known in self.behind.items():
            if known.casefold() == value.casefold():
                return placeholder
        number = 1 + sum(1 for known in self.behind if known.startswith(f"[[{kind}_"))
        placeholder = f"[[{kind}_{number}]]"
        self.behind[placeholder] = value
        return placeholder


def mask(
    record: Mapping[str, object], *, fields: Sequence[str], masked_fields: Sequence[str]
) -> Masked:
    """The declared fields of a record as the model may see them; empty ones are left out."""
    plain = {name: _cleaned(record.get(name)) for name in fields}
    result = Masked()
    hidden = {name: text for name, text in plain.items() if text and name in masked_fields}
    for name, text in hidden.items():
        result.values[name] = result.cover(kind_of(name), text)
    for name, text in plain.items():
        if text and name not in hidden:
            result.values[name] = _without_found(_without(text, result), result)
    return result


def kind_of(field_name: str) -> str:
    """What a placeholder for this field is called, so that the model knows what stands there."""
    low = field_name.lower()
    return next((kind for kind, part in _KINDS if part in low), "VALUE")


def _cleaned(value: object) -> str:
    text = unicodedata.normalize("NFKC", "" if value is None else str(value))
    visible = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return _BRACKETS.sub(lambda found: f"{found[0]} ", visible).strip()


def _without(text: str, result: Masked) -> str:
    """The text with every known masked value replaced, the longest first."""
    for placeholder, value in sorted(result.behind.items(), key=lambda pair: -len(pair[1])):
        if len(value) >= SHORTEST_SEARCHED:
            text = re.sub(re.escape(value), placeholder, text, flags=re.IGNORECASE)
    return text


def _without_found(text: str, result: Masked) -> str:
    for kind, pattern in _FOUND:
        text = pattern.sub(lambda found, kind=kind: result.cover(kind, found[0]), text)  # type: ignore[misc]
    return text
