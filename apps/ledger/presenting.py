"""Events as people read them: who by name, what and on what in words, data as a small table."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.ledger import registry
from apps.ledger.coded import words_of
from apps.ledger.models import Event
from apps.ledger.names import names_of
from apps.ledger.spool.marks import mark_of
from apps.ledger.things import names_of_things

UUID_FORM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DIGEST = re.compile(r"[0-9a-f]{64}")
RECORD = re.compile(r"[a-zA-Z0-9]{5}0[a-zA-Z0-9]{9}([A-Z0-5]{3})?")  # Salesforce's 15 and 18
SHOWN_OF_AN_ID, SHOWN_OF_A_LIST = 13, 20
LONGEST_CODE = 60
ABBREVIATED = {"sha256": "SHA-256", "id": "id", "url": "address", "user": "person"}


@dataclass(frozen=True, slots=True)
class Told:
    """One value of an event's data. `path` is the id whose path it leads to, or empty."""

    label: str
    words: str
    copied: str = ""
    path: str = ""


def for_reading(
    rows: Iterable[Event], positions: Mapping[UUID, int] | None = None
) -> list[dict[str, Any]]:
    """Rows for the templates, with one look-up of names for all people and one for all
    things."""
    rows = list(rows)
    names, things = names_of(row.actor for row in rows), names_of_things(rows)
    return [
        {
            "row": row,
            "words": registry.words_for(row.action),
            "who": names[row.actor],
            "thing": registry.thing_words(row.target_type),
            "name": things.get((row.target_type, row.target_id), ""),
            "short": shortened(row.target_id),
            "seq": (positions or {}).get(row.pk),
            "spooled": mark_of(row),
        }
        for row in rows
    ]


def tell(data: Mapping[str, Any], about: Event) -> list[Told]:
    """An event's data, keys and codes in words; what is nested stands under both its keys."""
    return _with_names(_told(data, about))


def shortened(identity: str) -> str:
    """The beginning of a long id, as lists show it."""
    long = len(identity) > SHOWN_OF_AN_ID + len("500Hr00001abcDE")
    return f"{identity[:SHOWN_OF_AN_ID]}…" if long else identity


def _told(data: Mapping[str, Any], about: Event) -> list[Told]:
    told: list[Told] = []
    for key, value in data.items():
        if isinstance(value, Mapping):
            told += _told({f"{key}, {inner}": one for inner, one in value.items()}, about)
        else:
            told.append(_tell(_label(key), _in_words(key, value, about)))
    return told


def _in_words(key: str, value: Any, about: Event) -> Any:
    """The value with its codes in words, those of a list too."""
    if isinstance(value, list):
        return [_in_words(key, each, about) for each in value]
    if not isinstance(value, str) or len(value) > LONGEST_CODE:
        return value
    last = key.rpartition(", ")[2]
    said = words_of(last, value, target_type=about.target_type, action=about.action)
    return said or value


def _tell(label: str, value: Any) -> Told:
    if isinstance(value, list):
        return Told(label, _listed(value))
    if isinstance(value, bool) or value is None:
        return Told(label, {True: "yes", False: "no", None: "not known"}[value])
    if isinstance(value, int):
        return Told(label, f"{value:,}")
    text = str(value).removeprefix("user:")
    if UUID_FORM.fullmatch(text) or RECORD.fullmatch(text):
        return Told(label, shortened(text), copied=text, path=text)
    if DIGEST.fullmatch(text):
        return Told(label, shortened(text), copied=text, path=text)
    return Told(label, _in_time(text) or text or "none")


def _listed(values: list[Any]) -> str:
    words = [
        ", ".join(map(str, one.values())) if isinstance(one, dict) else str(one)
        for one in values[:SHOWN_OF_A_LIST]
    ]
    more = len(values) - len(words)
    tail = [f"and {more:,} more"] if more > 0 else []
    return ", ".join(words + tail) or "none"


def _in_time(text: str) -> str:
    """An instant to the second with its zone; empty when the text is none."""
    if "T" not in text:
        return ""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return ""
    return instant.strftime("%Y-%m-%d %H:%M:%S %Z") if instant.tzinfo else ""


def _label(key: str) -> str:
    words = ABBREVIATED.get(key, key.replace("_", " "))
    return words[:1].upper() + words[1:]


def _with_names(told: list[Told]) -> list[Told]:
    """People by name where an id is a person's that can be seen here."""
    asked = {f"user:{one.path}": one for one in told if UUID_FORM.fullmatch(one.path)}
    names = names_of(asked, only_known=True)
    return [
        Told(one.label, name, copied=one.copied, path=one.path)
        if (name := names.get(f"user:{one.path}"))
        else one
        for one in told
    ]
