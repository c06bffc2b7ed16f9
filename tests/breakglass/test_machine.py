"""Activation implies dual control, whatever happens in whatever order.

A stateful test acts as everyone at once: people sign in any role, lose and regain roles, are
disabled, share persons across accounts, deny and withdraw; time passes. It keeps a model of its own
of who may count, and compares after every step.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from apps.accounts.errors import FactorRefused
from apps.accounts.models import User
from apps.breakglass import services
from apps.breakglass.models import Approval, EmergencyPolicy, Request
from apps.breakglass.states import State
from apps.common.clock import database_now
from apps.common.errors import Conflict, Denied
from apps.common.scope import scoped
from apps.custody.models import IssuedToken
from apps.tenancy.models import Membership
from apps.tenancy.roles import Role
from tests.breakglass.conftest import Emergency, factor_for, grant, make_emergency
from tests.cast import Cast, make_person

LEGAL, IT = Role.LEGAL_APPROVER.value, Role.IT_APPROVER.value
ACCOUNTS = ("bob", "bob-alias", "lena", "lena-alias", "ivan", "ina", "dora")
names = st.sampled_from(ACCOUNTS)
roles = st.sampled_from((LEGAL, IT))


def make_world(cast: Cast) -> Emergency:
    """Seven accounts of five people; two of them hold both roles."""
    emergency = make_emergency(cast)
    for name, held, person in (
        ("bob-alias", [LEGAL, IT], "bob"),
        ("lena-alias", [IT], "lena"),
        ("ina", [IT], None),
        ("dora", [LEGAL, IT], None),
    ):
        user = make_person(name, uuid4().hex[:8], cast.acme, list(held), database_now())
        cast.people[name] = user
        with scoped(tenant_id=cast.acme.pk, user_id=user.pk):
            if person:
                user.person_id = cast.people[person].person_id
                user.save(update_fields=["person_id"])
            grant(user, emergency.org)
    return emergency


class DualControl(RuleBasedStateMachine):
    """The console on one side, a plain-Python model on the other."""

    world: Emergency
    reached: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.scope = self.world.cast.at_acme("bob")
        self.scope.__enter__()
        self.people = self.world.cast.people
        self.held = {
            name: set(Membership.objects.filter(user=user).values_list("role", flat=True))
            for name, user in self.people.items()
            if name in ACCOUNTS
        }
        self.enabled = dict.fromkeys(ACCOUNTS, True)
        self.signed: dict[str, str] = {}
        self.closed_in = ""
        self.voided_first = False
        self.ahead = timedelta(0)

    def teardown(self) -> None:
        self.reached[self.closed_in] += 1
        self.reached["after a void"] += self.voided_first
        transaction.set_rollback(True)
        self.scope.__exit__(None, None, None)
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    @property
    def now(self) -> datetime:
        return database_now() + self.ahead

    @initialize(legal=st.sampled_from((1, 1, 2)), it=st.sampled_from((1, 1, 2)))
    def ask(self, legal: int, it: int) -> None:
        self.quorum = {LEGAL: legal, IT: it}
        EmergencyPolicy.objects.create(version=1, legal_quorum=legal, it_quorum=it)
        self.request = self.world.pending()

    @rule(name=names, role=roles, factor_is_right=st.sampled_from((True, True, True, False)))
    def sign(self, name: str, role: str, factor_is_right: bool) -> None:
        subject = self.request.content_hash if factor_is_right else "0" * 64
        factor = factor_for(self.people[name], subject, now=self.now)
        accepted = self._try(
            lambda: self.world.sign(self.request, name, role, factor=factor, now=self.now)
        )
        expected = factor_is_right and self._may_sign(name, role)
        assert accepted == expected
        if accepted:
            self._forget_the_fallen()
            self.signed[name] = role
            signed = Counter(self.signed.values())
            if all(signed[each] >= count for each, count in self.quorum.items()):
                self.closed_in = State.ACTIVE

    @rule(several=st.lists(st.sampled_from(ACCOUNTS[2:]), min_size=2, max_size=4, unique=True))
    def sign_as_they_may(self, several: list[str]) -> None:
        for name in several:
            held = sorted(self.held[name] & {LEGAL, IT})
            if held:
                self.sign(name, held[0], factor_is_right=True)

    @precondition(lambda self: bool(self.signed))
    @rule(which=st.integers(0, 6))
    def a_signer_falls(self, which: int) -> None:
        name = sorted(self.signed)[which % len(self.signed)]
        self.take_role(name, self.signed[name])

    @rule(change=st.sampled_from(("take", "give", "switch")), name=names, role=roles)
    def authority_changes(self, change: str, name: str, role: str) -> None:
        if change == "take":
            self.take_role(name, role)
        elif change == "give" and role not in self.held[name]:
            self.give_role(name, role)
        elif change == "switch" and name in ACCOUNTS[2:]:
            self.switch_account(name)

    def take_role(self, name: str, role: str) -> None:
        Membership.objects.filter(user=self.people[name], role=role).delete()
        self.held[name].discard(role)

    def give_role(self, name: str, role: str) -> None:
        acme = self.world.cast.acme
        Membership.objects.create(tenant=acme, user=self.people[name], role=role)
        self.held[name].add(role)

    def switch_account(self, name: str) -> None:
        user = self.people[name]
        self.enabled[name] = not self.enabled[name]
        with scoped(tenant_id=self.world.cast.acme.pk, user_id=user.pk):
            User.objects.filter(pk=user.pk).update(is_active=self.enabled[name])

    @precondition(lambda self: bool(self.signed))
    @rule(name=st.sampled_from(("bob", "bob-alias", "ivan", "ina")), sure=st.booleans())
    def say_no(self, name: str, sure: bool) -> None:
        if not sure:
            return
        actor, request = self.people[name], self.request
        verb = services.withdraw if name == "bob" else services.deny
        extra: dict[str, Any] = {} if name == "bob" else {"reason": "not tonight"}
        if self._try(lambda: verb(actor=actor, request_id=request.pk, now=self.now, **extra)):
            assert self.closed_in == ""
            self.closed_in = Request.objects.get(pk=request.pk).state

    @precondition(lambda self: bool(self.signed))
    @rule(long=st.integers(0, 5))
    def wait(self, long: int) -> None:
        if long == 5:
            self.ahead = timedelta(hours=1, seconds=1)  # past the deadline of the request

    @invariant()
    def activation_implies_dual_control(self) -> None:
        if not hasattr(self, "request"):
            return
        fresh = Request.objects.get(pk=self.request.pk)
        tokens = IssuedToken.objects.filter(origin_id=fresh.pk).count()
        assert tokens == (1 if fresh.state == State.ACTIVE else 0)
        assert fresh.state == (self.closed_in or State.PENDING)
        if fresh.state != State.ACTIVE:
            return
        standing = Approval.objects.filter(request=fresh, voided_at=None)
        people = [approval.person_id for approval in standing]
        assert len(people) == len(set(people))
        assert fresh.requester_person not in people
        for role, count in self.quorum.items():
            assert sum(approval.role == role for approval in standing) >= count
        voided = Approval.objects.filter(request=fresh).exclude(voided_at=None)
        self.voided_first = voided.exists()

    def _may_sign(self, name: str, role: str) -> bool:
        person = self.people[name].person_id
        standing = [other for other in self.signed if self._stands(other)]
        return (
            self.closed_in == ""
            and self.ahead == timedelta(0)
            and self.enabled[name]
            and role in self.held[name]
            and bool(self.held[name])
            and person != self.people["bob"].person_id
            and all(self.people[other].person_id != person for other in standing)
        )

    def _stands(self, name: str) -> bool:
        return self.enabled[name] and self.signed[name] in self.held[name]

    def _forget_the_fallen(self) -> None:
        self.signed = {name: role for name, role in self.signed.items() if self._stands(name)}

    def _try(self, act: Any) -> bool:
        try:
            with transaction.atomic():
                act()
        except (Denied, Conflict, FactorRefused):
            return False
        return True


def _machine(cast: Cast) -> type[DualControl]:
    """The machine in a world of this test's own."""
    return type("Machine", (DualControl,), {"world": make_world(cast), "reached": Counter()})


def _run(machine: type[DualControl], runs: int, *, repeatable: bool) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=runs,
            derandomize=repeatable,
            stateful_step_count=10,
            deadline=None,
            phases=(Phase.generate,),  # shrinking a run of this size takes longer than reading it
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_activation_always_means_distinct_legal_and_it_people(cast: Cast) -> None:
    _run(_machine(cast), 60, repeatable=True)


ACTIVATED = [
    ("sign", {"name": "lena", "role": LEGAL, "factor_is_right": True}),
    ("sign", {"name": "ivan", "role": IT, "factor_is_right": True}),
]
VOIDED = [
    ("sign", {"name": "dora", "role": LEGAL, "factor_is_right": True}),
    ("take_role", {"name": "dora", "role": LEGAL}),
    *ACTIVATED,
]
NO = {"name": "ivan", "sure": True}


@pytest.mark.parametrize(
    ("steps", "end"),
    [
        (ACTIVATED, State.ACTIVE),
        (VOIDED, "after a void"),
        ([*ACTIVATED[:1], ("say_no", NO)], State.DENIED),
        ([*ACTIVATED[:1], ("say_no", {**NO, "name": "bob"})], State.WITHDRAWN),
        ([*ACTIVATED[:1], ("wait", {"long": 5}), *ACTIVATED[1:]], ""),
    ],
    ids=["activated", "activated after a void", "denied", "withdrawn", "too late"],
)
def test_the_machine_can_reach_every_end(
    cast: Cast, steps: list[tuple[str, dict[str, Any]]], end: str
) -> None:
    """The random runs would prove nothing if the model could not get there."""
    machine = _machine(cast)
    run = machine()
    run.ask(legal=1, it=1)
    for name, values in steps:
        getattr(run, name)(**values)
        run.activation_implies_dual_control()
    run.teardown()
    assert machine.reached[end] == 1


@pytest.mark.soak
def test_activation_always_means_distinct_people_for_ten_thousand_runs(cast: Cast) -> None:
    machine = _machine(cast)
    _run(machine, 10_000, repeatable=False)
    # The runs went where it matters, or they have proven nothing.
    ends = (State.ACTIVE, State.DENIED, State.WITHDRAWN, "after a void")
    assert all(machine.reached[end] for end in ends), machine.reached
