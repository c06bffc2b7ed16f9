"""What the keys page and its API show: no key, no wrap, only how things stand."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.common.errors import NotFound
from apps.custody import outer, providers, rewrapping
from apps.custody.models import DataKey, KeyWork, SubjectKey
from apps.ledger.names import names_of

MOST = 200
# What a purpose seals, in words people use; others are shown as they are called.
WORDS = {
    "crm": "Connections to orgs",
    "crm.tokens": "Tokens of orgs",
    "crm.event_logs": "Event logs",
    "changes": "Addresses in proposed changes",
    "llm": "Keys of endpoints",
    "sync": "Payloads of sync jobs",
    "breakglass": "Reasons of emergency requests",
    "custody.tokens": "Emergency tokens",
    "custody.callers": "Addresses that use API tokens",
    "custody.subjects": "Personal details in the ledger",
    "evidence": "Keys that sign manifests",
    "evidence.packs": "Evidence packs",
    "posture.revocations": "Names in revocations",
    "reviews": "Closing notes of access reviews",
    "reviews.items": "Names in access reviews",
    "reviews.notes": "Notes in access reviews",
}


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One purpose's newest key."""

    purpose: str
    words: str
    version: int
    providers: tuple[str, ...]
    own: bool
    stale: bool
    since: datetime
    work: KeyWork | None


@dataclass(frozen=True, slots=True)
class Person:
    """Someone of whom details are sealed in the ledger."""

    key_id: UUID
    subject: str
    name: str
    fields: tuple[str, ...]
    since: datetime


def overview() -> dict[str, Any]:
    """Lines by purpose, the own key, persons with sealed details."""
    lines = list_keys()
    return {
        "lines": lines,
        "stale": [line for line in lines if line.stale],
        "alone": [line for line in lines if len(line.providers) == 1],
        "own": outer.current(),
        "covered": [line.words for line in lines if outer.covers(line.purpose)],
        "persons": list_persons(),
        "purposes": [(line.purpose, line.words) for line in lines],
        "providers": providers.names_for(""),
    }


def list_keys() -> list[KeyLine]:
    """The newest key of each purpose, by what it seals."""
    newest = {row.purpose: row for row in DataKey.objects.order_by("version")}
    works = {work.purpose: work for work in KeyWork.objects.order_by("started_at")}
    lines = [
        KeyLine(
            purpose=row.purpose,
            words=WORDS.get(row.purpose, row.purpose),
            version=row.version,
            providers=tuple(each["provider"] for each in row.wraps),
            own=row.outer_id is not None,
            stale=rewrapping.is_stale(row.wraps, row.purpose),
            since=row.created_at,
            work=works.get(row.purpose),
        )
        for row in newest.values()
    ]
    return sorted(lines, key=lambda line: line.words)


def list_persons() -> list[Person]:
    """Persons with details that are not erased, newest first."""
    rows = list(SubjectKey.objects.filter(erased_at=None).order_by("-made_at")[:MOST])
    names = names_of(row.subject for row in rows)
    return [
        Person(row.pk, row.subject, names[row.subject], tuple(row.fields), row.made_at)
        for row in rows
    ]


def get_person(*, key_id: UUID) -> Person:
    """One of them, or `NotFound`."""
    row = SubjectKey.objects.filter(pk=key_id, erased_at=None).first()
    if row is None:
        raise NotFound("Nothing of this person is sealed here, or it was erased already.")
    name = names_of([row.subject])[row.subject]
    return Person(row.pk, row.subject, name, tuple(row.fields), row.made_at)
