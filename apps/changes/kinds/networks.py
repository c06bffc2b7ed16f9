"""The networks that an API token may be used from."""

from datetime import datetime
from uuid import UUID

from apps.accounts.models import User
from apps.changes import preflight as preflights
from apps.changes.kinds.base import Check, Kind, Line, Secrets, Value
from apps.common import powers
from apps.common.actors import Actor
from apps.common.decisions import Decision, allow
from apps.common.errors import Conflict, NotFound
from apps.common.networks import checked_networks
from apps.custody import tokens
from apps.custody.callers import callers_of, noting_began
from apps.custody.models import IssuedToken
from apps.tenancy import policies as tenancy

EVERYWHERE = "everywhere"


class TokenNetworksKind(Kind):
    """`{"networks": [CIDR…]}`; an empty list means everywhere."""

    def name_of(self, target: str) -> str:
        return _token(target).name

    def read(self, target: str) -> Value:
        return {"networks": sorted(_token(target, lock=True).networks)}

    def checked(self, target: str, given: Value) -> Value:
        return {"networks": checked_networks(given.get("networks", []))}

    def may_propose(self, actor: Actor, target: str) -> Decision:
        """Its holder, and whoever manages members."""
        if isinstance(actor, User) and _token(target).holder_id == actor.pk:
            return allow("token-holder")
        return tenancy.may(actor, powers.MANAGE_MEMBERS)

    def may_approve(self, actor: Actor, target: str) -> Decision:
        return tenancy.may(actor, powers.APPROVE_CHANGE)

    def preflight(self, target: str, wanted: Value, *, now: datetime) -> Value:
        token = _token(target)
        callers, complete = callers_of(token, now=now)
        return preflights.compare(
            callers,
            complete=complete,
            since=max(token.issued_at, now - preflights.WINDOW, noting_began(now=now)),
            before=list(token.networks),
            after=wanted["networks"],
        )

    def put(
        self,
        target: str,
        wanted: Value,
        *,
        secrets: Secrets,
        actor: Actor,
        by: User,
        now: datetime,
    ) -> None:
        if _token(target, lock=True).ended_at is not None:
            raise Conflict("This token was ended meanwhile.")
        self.put_back(target, wanted, secrets={}, actor=actor, now=now)

    def put_back(
        self, target: str, value: Value, *, secrets: Secrets, actor: Actor, now: datetime
    ) -> None:
        tokens.set_networks(
            actor=actor, token_id=UUID(target), networks=list(value["networks"]), now=now
        )

    def check(
        self, target: str, wanted: Value, *, preflight: Value, since: datetime, now: datetime
    ) -> list[Check]:
        """In force, alive, and nobody kept out whom the approver was not shown."""
        token = _token(target)
        callers, _ = callers_of(token, now=now)
        shown = set(preflights.blocked_in(preflight))
        kept_out = preflights.kept_out(callers, wanted["networks"])
        news = [each for each in kept_out if each.calls and each.address not in shown]
        alive = token.ended_at is None and token.expires_at > now
        in_force = sorted(token.networks) == wanted["networks"]
        return [
            Check(
                "ranges-in-force",
                in_force,
                "The token is fenced as approved."
                if in_force
                else "The token's networks are others than were approved.",
            ),
            Check(
                "token-alive", alive, "The token works." if alive else "The token ended meanwhile."
            ),
            Check("callers-as-shown", not news, _words_of_news(len(news))),
        ]

    def lines(self, base: Value, wanted: Value) -> list[Line]:
        return [
            Line(
                "Networks",
                networks_in_words(base["networks"]),
                networks_in_words(wanted["networks"]),
            )
        ]


def _token(target: str, *, lock: bool = False) -> IssuedToken:
    rows = IssuedToken.objects.filter(kind=IssuedToken.Kind.API)
    if lock:
        rows = rows.select_for_update()
    try:
        found = rows.filter(pk=UUID(target)).first()
    except ValueError:
        found = None
    if found is None:
        raise NotFound("There is no such API token here.")
    return found


def networks_in_words(networks: list[str]) -> str:
    """Networks as a line of the difference shows them."""
    return ", ".join(networks) if networks else EVERYWHERE


def _words_of_news(count: int) -> str:
    if not count:
        return "Nobody is kept out whom the approval did not show."
    those = "1 address" if count == 1 else f"{count} addresses"
    return f"{those} would be kept out that nobody was shown before approving."
