"""Names of the things that events are about, as their rows call them today."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import QuerySet, TextField, Value
from django.db.models.functions import Cast

from apps.ledger import registry
from apps.ledger.models import Event
from apps.ledger.names import names_of

PERSON = "accounts.user"
Thing = tuple[str, str]  # target type and id


def names_of_things(rows: Iterable[Event]) -> dict[Thing, str]:
    """Names by type and id, in one query for people and one for everything else.

    A thing that is gone, belongs to another tenant or bears no name for lists is absent.
    """
    wanted: dict[str, set[UUID]] = {}
    for row in rows:
        known = row.target_type == PERSON or registry.column_of_name(row.target_type)
        if known and (identity := _uuid(row.target_id)):
            wanted.setdefault(row.target_type, set()).add(identity)
    people = names_of((f"user:{pk}" for pk in wanted.pop(PERSON, ())), only_known=True)
    found = {(PERSON, actor.partition(":")[2]): name for actor, name in people.items()}
    return found | _named([_named_rows(kind, wanted[kind]) for kind in sorted(wanted)])


def _named(parts: list[QuerySet[Any]]) -> dict[Thing, str]:
    if not parts:
        return {}
    rows = parts[0].union(*parts[1:], all=True)
    return {(kind, pk): name for kind, pk, name in rows if name}


def _named_rows(kind: str, identities: set[UUID]) -> QuerySet[Any]:
    """Type, id and name of these, in a form that goes into one query with those of other types."""
    column = registry.column_of_name(kind)
    things = apps.get_model(kind)._default_manager.filter(pk__in=identities).order_by()
    rows: QuerySet[Any] = things.values_list(
        Value(kind, output_field=TextField()),
        Cast("pk", TextField()),
        Cast(column, TextField()),
    )
    return rows


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
