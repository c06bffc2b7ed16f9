"""An org, approvers who hold its grants, and quick ways through the first steps of a request."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from guardian.shortcuts import assign_perm
from pytest_django.fixtures import Settings

from apps.accounts.models import FreshFactor, User
from apps.breakglass import services
from apps.breakglass.models import Request
from apps.breakglass.services.deciding import APPROVE_DECISION
from apps.common.clock import database_now
from apps.crm.models import Connection
from apps.residency.models import Zone
from apps.tenancy.roles import Role
from tests.cast import Cast
from tests.crm import orgs
from tests.fakes.sandbox import RunningSandbox, start_sandbox

WHY = "Single sign-on is down and the hearing in M-2231 begins at nine."
MATTER, OTHER_MATTER = "a01000000000001AAA", "a01000000000002AAA"
SCOPE = {"Matter__c": {"fields": ["Name", "Status__c"], "records": [MATTER]}}
steps = itertools.count(1)


@dataclass
class Emergency:
    """The cast with an org, and shorthands that call the services as one of them."""

    cast: Cast
    org: Connection

    def asked(self, by: str = "bob", **changes: Any) -> dict[str, Any]:
        wanted = {
            "actor": self.cast.people[by],
            "connection_id": self.org.pk,
            "scope": SCOPE,
            "networks": ["127.0.0.0/8", "203.0.113.0/24"],
            "duration": timedelta(hours=2),
            "justification": WHY,
            "case_reference": "00013377",
            "now": database_now(),
        }
        return {**wanted, **changes}

    def draft(self, by: str = "bob", **changes: Any) -> Request:
        return services.draft_request(**self.asked(by, **changes))

    def pending(self, by: str = "bob", **changes: Any) -> Request:
        draft = self.draft(by, **changes)
        return services.submit_request(
            actor=self.cast.people[by], request_id=draft.pk, now=database_now()
        )

    def sign(self, request: Request, by: str, role: str = "", **changes: Any) -> Request:
        user = self.cast.people[by]
        now = changes.pop("now", database_now())
        factor = changes.pop("factor", None) or factor_for(user, request.content_hash)
        return services.approve(
            actor=user,
            request_id=request.pk,
            role=role or (Role.IT_APPROVER if by == "ivan" else Role.LEGAL_APPROVER),
            factor=factor,
            now=now,
        )

    def active(self, by: str = "bob", **changes: Any) -> Request:
        request = self.pending(by, **changes)
        self.sign(request, "lena")
        return self.sign(request, "ivan")


def factor_for(
    user: User, subject: str, decision: str = APPROVE_DECISION, now: datetime | None = None
) -> FreshFactor:
    """A proven factor, without waiting for the phone's next code (tests of codes use `prove`)."""
    now = now or database_now()
    return FreshFactor.objects.create(
        user=user,
        decision=decision,
        subject=subject,
        device=f"test/{uuid4().hex}",
        time_step=next(steps),
        proved_at=now,
        expires_at=now + timedelta(seconds=60),
    )


def make_org(name: str = "acme-prod", host: str = "acme.my.salesforce.com") -> Connection:
    """An org in the open tenant; nothing here calls it."""
    zone = Zone.objects.create(name="EU core", slug=f"eu-{uuid4().hex[:6]}", jurisdictions=["DE"])
    return Connection.objects.create(
        name=f"{name}-{uuid4().hex[:6]}",
        host=host,
        zone=zone,
        flow=Connection.Flow.JWT_BEARER,
        client_id="client",
        state=Connection.State.HEALTHY,
    )


def grant(user: User, org: Connection) -> None:
    """Let a person approve emergencies on this org."""
    assign_perm("crm.approve_emergency", user, org)


def make_emergency(cast: Cast) -> Emergency:
    """An org of Acme that Lena and Ivan may approve for."""
    with cast.at_acme():
        org = make_org()
        grant(cast.lena, org)
        grant(cast.ivan, org)
    return Emergency(cast, org)


@pytest.fixture(scope="module")
def one_sandbox() -> Iterator[RunningSandbox]:
    sandbox = start_sandbox("--tls")
    yield sandbox
    sandbox.stop()


@pytest.fixture
def sandbox(one_sandbox: RunningSandbox, settings: Settings) -> RunningSandbox:
    one_sandbox.clear_faults()
    settings.EXTRA_CA_FILE = one_sandbox.info["ca"]
    settings.EXTRA_ORG_HOSTS = [orgs.host_of(one_sandbox)]
    return one_sandbox


@pytest.fixture
def emergency(cast: Cast) -> Emergency:
    return make_emergency(cast)


@pytest.fixture
def at_acme(emergency: Emergency) -> Iterator[Emergency]:
    """The same, inside Acme for the whole test."""
    with emergency.cast.at_acme("bob"):
        yield emergency
