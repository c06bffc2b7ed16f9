"""Where a model endpoint is: its address, its zone, the model it is asked for, its key."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from apps.changes import flows
from apps.changes import preflight as preflights
from apps.changes.kinds.base import (
    NEW_SECRETS,
    Check,
    Kind,
    Line,
    Probe,
    Secrets,
    Value,
    folded,
    in_force,
    same_but_secrets,
    secret_lines,
)
from apps.common import powers
from apps.common.actors import Actor
from apps.common.decisions import Decision
from apps.common.errors import DomainError, NotFound
from apps.llm import changing
from apps.llm.checking import look_at
from apps.llm.models import Endpoint
from apps.residency import selectors as residency
from apps.tenancy import policies as tenancy

SECRET_LABELS = {"api_key": "Key"}


class EndpointKind(Kind):
    """`{"base_url", "zone", "model"}`; the zone is named by its id."""

    def name_of(self, target: str) -> str:
        return _endpoint(target).name

    def read(self, target: str) -> Value:
        locked = changing.lock_endpoint(_endpoint(target).pk)
        return {**changing.settings_of(locked), NEW_SECRETS: {}}

    def checked(self, target: str, given: Value) -> Value:
        return changing.checked_settings(_endpoint(target), given)

    def checked_secrets(self, target: str, wanted: Value, given: Mapping[str, str]) -> Secrets:
        return changing.checked_key(given)

    def may_propose(self, actor: Actor, target: str) -> Decision:
        """Whoever registers endpoints."""
        _endpoint(target)
        return tenancy.may(actor, powers.MANAGE_POLICY)

    def may_approve(self, actor: Actor, target: str) -> Decision:
        _endpoint(target)
        return tenancy.may(actor, powers.APPROVE_CHANGE)

    def preflight(self, target: str, wanted: Value, *, now: datetime) -> Value:
        """What the policy in force lets go to the new zone and not to the old one, or reverse."""
        policy, before = residency.compiled_policy(), str(_endpoint(target).zone_id)
        if before == wanted["zone"]:
            return preflights.nothing_to_tell("The zone stays, so the same data may go there.")
        if policy is None:
            return preflights.nothing_to_tell("No policy is in force, so nothing goes there.")
        return flows.compare_zones(policy, before, wanted["zone"])

    def secrets_before(self, target: str, wanted: Value) -> Secrets:
        return {"api_key": _endpoint(target).api_key} if wanted[NEW_SECRETS] else {}

    def put_back(
        self, target: str, value: Value, *, secrets: Secrets, actor: Actor, now: datetime
    ) -> None:
        changing.set_endpoint(
            actor=actor, endpoint_id=UUID(target), settings=value, secrets=secrets, now=now
        )

    def probes(self, target: str) -> list[Probe]:
        endpoint_id = UUID(target)

        def answers(tenant_id: UUID) -> Check:
            try:
                seen = look_at(tenant_id=tenant_id, endpoint_id=endpoint_id)
            except DomainError as error:
                return Check("answers", False, error.message)
            return Check("answers", seen.healthy, seen.words)

        return [Probe("answers", "Asking the endpoint for its models", answers)]

    def check(
        self, target: str, wanted: Value, *, preflight: Value, since: datetime, now: datetime
    ) -> list[Check]:
        """In force, and the zone is one that the policy in force knows."""
        standing = {**changing.settings_of(_endpoint(target)), NEW_SECRETS: {}}
        policy = residency.compiled_policy()
        known = policy is None or wanted["zone"] in policy.places
        return [
            in_force(same_but_secrets(standing, wanted)),
            Check(
                "zone-in-policy",
                known,
                "The policy in force knows its zone."
                if known
                else "The policy in force does not know its zone, so nothing could go there.",
            ),
        ]

    def lines(self, base: Value, wanted: Value) -> list[Line]:
        names = {str(zone.pk): zone.name for zone in residency.list_zones()}
        rows = [
            Line("Address", base["base_url"], wanted["base_url"]),
            Line("Zone", _zone(base, names), _zone(wanted, names)),
            Line("Model", base["model"], wanted["model"]),
        ]
        return [*secret_lines(wanted, SECRET_LABELS), *folded(rows)]


def _zone(value: Value, names: Mapping[str, str]) -> str:
    return names.get(value["zone"], "a zone that is gone")


def _endpoint(target: str) -> Endpoint:
    try:
        found = Endpoint.objects.filter(pk=UUID(target)).first()
    except ValueError:
        found = None
    if found is None:
        raise NotFound("There is no such endpoint here.")
    return found
