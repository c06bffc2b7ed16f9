"""An API token of Acme, and quick ways through a proposal."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.accounts import services as accounts
from apps.accounts.models import FreshFactor
from apps.changes import services
from apps.changes.models import Proposal
from apps.changes.services.deciding import hash_of_preflight
from apps.common import powers
from apps.common.clock import database_now
from apps.custody import tokens
from apps.custody.models import IssuedToken
from tests.cast import Cast, fresh_code

WHY = "The nightly export moved to the new data centre."
OFFICE = "203.0.113.0/24"


def issue(cast: Cast) -> tuple[IssuedToken, str]:
    """Bob's token and its text."""
    now = database_now()
    with cast.at_acme("bob") as bob:
        return tokens.issue_token(
            actor=bob,
            holder=bob,
            kind=IssuedToken.Kind.API,
            name="nightly export",
            scope={"powers": [powers.READ_OVERVIEW, powers.READ_CHANGES]},
            networks=[],
            now=now,
            expires_at=now + timedelta(days=1),
        )


@pytest.fixture
def made(cast: Cast) -> tuple[IssuedToken, str]:
    """One token and its text."""
    return issue(cast)


@pytest.fixture
def token(made: tuple[IssuedToken, str]) -> IssuedToken:
    return made[0]


def propose(
    cast: Cast, token: IssuedToken, *, by: str = "bob", networks: Any = (OFFICE,), why: str = WHY
) -> Proposal:
    with cast.at_acme(by) as person:
        return services.propose(
            actor=person,
            kind=Proposal.Kind.TOKEN_NETWORKS,
            target=str(token.pk),
            wanted={"networks": list(networks)},
            reason=why,
            now=database_now(),
        )


def prove(cast: Cast, by: str, decision: str, subject: str) -> FreshFactor:
    person = cast.people[by]
    return accounts.prove(
        user=person, code=fresh_code(person), decision=decision, subject=subject, now=database_now()
    )


def approve(cast: Cast, proposal: Proposal, *, by: str = "alice") -> Proposal:
    """Somebody's yes to what is stored now; nothing is applied yet."""
    with cast.at_acme(by) as person:
        found = Proposal.objects.get(pk=proposal.pk)
        seen = hash_of_preflight(services.look_ahead(found, now=database_now()))
        factor = prove(cast, by, services.APPROVE_DECISION, found.content_hash)
        return services.approve(
            actor=person, proposal_id=found.pk, factor=factor, seen=seen, now=database_now()
        )


def carry_on(cast: Cast, proposal: Proposal) -> Proposal:
    """What the worker does."""
    services.carry_on(tenant_id=cast.acme.pk, proposal_id=proposal.pk)
    return reread(cast, proposal)


def reread(cast: Cast, proposal: Proposal) -> Proposal:
    with cast.at_acme():
        found: Proposal = Proposal.objects.get(pk=proposal.pk)
        return found


def networks_of(cast: Cast, token: IssuedToken) -> list[str]:
    with cast.at_acme():
        return list(IssuedToken.objects.get(pk=token.pk).networks)


def call(text: str, address: str) -> int:
    headers = {"authorization": f"Bearer {text}"}
    return Client(REMOTE_ADDR=address).get("/api/v1/changes/", headers=headers).status_code


def open_proposal(
    cast: Cast, kind: str, target: object, *, by: str = "alice", **wanted: Any
) -> Proposal:
    """Somebody's proposal of any kind; secrets are told by `secrets`."""
    secrets = wanted.pop("secrets", {})
    with cast.at_acme(by) as person:
        return services.propose(
            actor=person,
            kind=kind,
            target=str(target),
            wanted=wanted,
            secrets=secrets,
            reason=WHY,
            now=database_now(),
        )


def go_back(cast: Cast, proposal: Proposal, *, by: str = "alice") -> Proposal:
    """A person undoes a kept change."""
    with cast.at_acme(by) as person:
        factor = prove(cast, by, services.GO_BACK_DECISION, proposal.content_hash)
        return services.go_back(
            actor=person,
            proposal_id=proposal.pk,
            reason="It was not what we meant.",
            factor=factor,
            now=database_now(),
        )
