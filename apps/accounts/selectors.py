"""Reads of accounts."""

from uuid import UUID

from apps.accounts.models import User


def names_of_actors(actors: list[str]) -> dict[str, str]:
    """Names for ledger references `user:<id>`, of people who can be seen from the open scope."""
    ids = {UUID(actor.removeprefix("user:")): actor for actor in actors}
    rows = User.objects.filter(pk__in=ids).values_list("pk", "name")
    return {ids[pk]: name for pk, name in rows}
