"""The languages packs are written in: catalogue files in ``words/``, read once.

``de.toml`` holds the words of a language, and ``de_controls.toml``, where there is one, the words
for controls and their checks, whose own are English.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "de")
_FOLDER = Path(__file__).resolve().parent / "words"


@dataclass(frozen=True)
class Language:
    """One language: its words by dotted key, and how it writes numbers and days."""

    code: str
    words: Mapping[str, Any]

    def __call__(self, key: str, /, **values: str | int) -> str:
        """The text under ``key`` with ``values`` filled in; whole numbers as people write them.

        Raises ``KeyError`` for a key that the catalogue lacks: a pack never prints a key.
        """
        text = self._find(key)
        if not isinstance(text, str):
            raise KeyError(key)
        return text.format(**{name: self._plain(value) for name, value in values.items()})

    def counted(self, number: int, noun: str) -> str:
        """``1 event``, ``2 events``: the catalogue knows both forms of the noun."""
        return self(f"count.{noun}.{'one' if number == 1 else 'many'}", n=number)

    def choice(self, kind: str, value: str, otherwise: str) -> str:
        """The words for one value of a list of choices; ``otherwise`` for one added since."""
        known = self.words["choice"].get(kind, {}).get(value)
        return known if isinstance(known, str) else otherwise

    def names(self, key: str) -> tuple[str, ...]:
        """The names under ``key`` in the order of the catalogue, which is that of a table."""
        return tuple(self._find(key))

    def number(self, value: int) -> str:
        """A whole number with the language's mark between thousands."""
        return f"{value:,}".replace(",", self("format.thousands"))

    def day(self, value: date) -> str:
        """A day as it stands in running text."""
        month = self.words["format"]["months"][value.month - 1]
        return self("format.day", day=str(value.day), month=month, year=str(value.year))

    def instant(self, value: datetime) -> str:
        """A day and a time to the second, in UTC."""
        moment = value.astimezone(UTC)
        return self("format.instant", day=self.day(moment.date()), time=f"{moment:%H:%M:%S}")

    def _plain(self, value: str | int) -> str:
        return self.number(value) if isinstance(value, int) else value

    def _find(self, key: str) -> Any:
        found: Any = self.words
        for part in key.split("."):
            if not isinstance(found, Mapping) or part not in found:
                raise KeyError(key)
            found = found[part]
        return found


@lru_cache(maxsize=len(LANGUAGES))
def language(code: str) -> Language:
    """The language named by its code. Raises ``ValueError`` for one that packs do not know."""
    if code not in LANGUAGES:
        raise ValueError(f"packs are not written in {code!r}; choose {' or '.join(LANGUAGES)}")
    words = _read(_FOLDER / f"{code}.toml")
    controls = _FOLDER / f"{code}_controls.toml"
    if controls.exists():
        words["choice"] |= _read(controls)["choice"]
    return Language(code, words)


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))
