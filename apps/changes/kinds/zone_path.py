"""Whether the orgs of a zone may be called by a private path only."""

from datetime import datetime
from uuid import UUID

from apps.changes import preflight as preflights
from apps.changes.kinds.base import Check, Kind, Line, Secrets, Value, in_force
from apps.common import powers
from apps.common.actors import Actor
from apps.common.decisions import Decision
from apps.common.errors import Invalid, NotFound
from apps.crm import policies
from apps.crm.services import paths
from apps.residency.models import Zone
from apps.residency.selectors import get_zone
from apps.tenancy import policies as tenancy

ANY, PRIVATE = "by any path", "by a private path only"
_TYPED = {True: True, False: False, "yes": True, "no": False}


class ZonePathKind(Kind):
    """`{"private_only": bool}`; the target is the zone's id."""

    def name_of(self, target: str) -> str:
        return _zone(target).name

    def read(self, target: str) -> Value:
        return {"private_only": paths.lock_rule(_zone(target).pk)}

    def checked(self, target: str, given: Value) -> Value:
        typed = given.get("private_only")
        if not isinstance(typed, bool | str) or typed not in _TYPED:
            raise Invalid(
                "Say whether a private path is required: yes or no.", field="private_only"
            )
        return {"private_only": _TYPED[typed]}

    def may_propose(self, actor: Actor, target: str) -> Decision:
        """Whoever may connect orgs."""
        _zone(target)
        return policies.may_connect(actor)

    def may_approve(self, actor: Actor, target: str) -> Decision:
        _zone(target)
        return tenancy.may(actor, powers.APPROVE_CHANGE)

    def preflight(self, target: str, wanted: Value, *, now: datetime) -> Value:
        """Which orgs of the zone would not be called any more, or again."""
        rows = paths.orgs_under(_zone(target).pk, private_only=wanted["private_only"])
        return preflights.of_orgs(rows)

    def put_back(
        self, target: str, value: Value, *, secrets: Secrets, actor: Actor, now: datetime
    ) -> None:
        paths.set_rule(
            actor=actor, zone_id=UUID(target), private_only=value["private_only"], now=now
        )

    def check(
        self, target: str, wanted: Value, *, preflight: Value, since: datetime, now: datetime
    ) -> list[Check]:
        """In force, and no org is cut off whom the approval did not show."""
        shown = {row["id"] for row in preflight["orgs"] if row["becomes"] in preflights.CUT_OFF}
        rows = paths.orgs_under(_zone(target).pk, private_only=wanted["private_only"])
        news = [row.name for row in rows if not row.will and row.id not in shown]
        words = (
            f"No longer called, and nobody was shown that before approving: {', '.join(news)}."
            if news
            else "No org is cut off whom the approval did not show."
        )
        return [
            in_force(paths.lock_rule(_zone(target).pk) == wanted["private_only"]),
            Check("orgs-as-shown", not news, words),
        ]

    def lines(self, base: Value, wanted: Value) -> list[Line]:
        return [Line("Its orgs are called", _words(base), _words(wanted))]


def _words(value: Value) -> str:
    return PRIVATE if value["private_only"] else ANY


def _zone(target: str) -> Zone:
    """Raises `NotFound`."""
    try:
        return get_zone(zone_id=UUID(target))
    except ValueError as error:
        raise NotFound("There is no such zone here.") from error
