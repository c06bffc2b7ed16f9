"""Many hands at once, on PostgreSQL: one outcome, one token, one chain of events.

These tests commit, each in tenants of its own.
"""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connection

from apps.accounts.errors import FactorRefused
from apps.breakglass import services
from apps.breakglass.models import Approval, Request
from apps.breakglass.states import State
from apps.common.actors import ServiceActor
from apps.common.clock import database_now
from apps.common.errors import Conflict, Denied
from apps.custody.models import IssuedToken
from apps.tenancy.roles import Role
from tests.breakglass.actions import path_of
from tests.breakglass.conftest import Emergency, factor_for, make_emergency
from tests.cast import make_cast

pytestmark = pytest.mark.django_db(transaction=True)
KEEPER = ServiceActor("breakglass")
THREADS = 24
ROUNDS = 4
Act = Callable[[], object]


def all_at_once(acts: list[Act]) -> Counter[str]:
    """Run each in a thread and connection of its own, started together; count how they ended."""
    barrier = threading.Barrier(len(acts))

    def run(act: Act) -> str:
        try:
            barrier.wait(timeout=30)
            act()
        except (Conflict, Denied, FactorRefused) as refusal:
            return refusal.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(pool.map(run, acts))


def as_person(emergency: Emergency, name: str, verb: Callable[..., object], **given: object) -> Act:
    """The verb as that person, in a scope of its own."""

    def act() -> None:
        with emergency.cast.at_acme(name) as user:
            verb(actor=user, now=database_now(), **given)

    return act


def signing(emergency: Emergency, name: str, request_id: UUID, subject: str) -> Act:
    """A signature with a factor proven in the same transaction."""

    def act() -> None:
        role = Role.IT_APPROVER if name == "ivan" else Role.LEGAL_APPROVER
        with emergency.cast.at_acme(name) as user:
            services.approve(
                actor=user,
                request_id=request_id,
                role=role,
                factor=factor_for(user, subject),
                now=database_now(),
            )

    return act


@pytest.fixture
def committed() -> Emergency:
    return make_emergency(make_cast())


def test_everyone_decides_at_once_and_one_outcome_stands(committed: Emergency) -> None:
    for _ in range(ROUNDS):
        with committed.cast.at_acme("bob"):
            request = committed.pending()
        given = {"request_id": request.pk}
        kinds: list[Act] = [
            signing(committed, "lena", request.pk, request.content_hash),
            signing(committed, "ivan", request.pk, request.content_hash),
            signing(committed, "lena", request.pk, request.content_hash),
            signing(committed, "ivan", request.pk, request.content_hash),
            as_person(committed, "lena", services.deny, reason="on hold", **given),
            as_person(committed, "bob", services.withdraw, **given),
        ]
        all_at_once(kinds * (THREADS // len(kinds)))
        with committed.cast.at_acme("bob"):
            _one_outcome(request)
            if Request.objects.get(pk=request.pk).state == State.ACTIVE:
                services.end_early(
                    actor=committed.cast.bob, request_id=request.pk, now=database_now()
                )


def _one_outcome(request: Request) -> None:
    fresh = Request.objects.get(pk=request.pk)
    path = path_of(request)
    outcomes = {
        State.ACTIVE: "request.activated",
        State.DENIED: "request.denied",
        State.WITHDRAWN: "request.withdrawn",
    }
    assert fresh.state in outcomes
    ended = [step for step in path if step in outcomes.values()]
    assert ended == [outcomes[State(fresh.state)]] == path[-1:]
    tokens = IssuedToken.objects.filter(origin_id=request.pk).count()
    assert tokens == (fresh.state == State.ACTIVE)
    signatures = Approval.objects.filter(request=request)
    assert signatures.count() == path.count("request.approved") <= 2
    assert len({approval.person_id for approval in signatures}) == signatures.count()


def test_one_person_clicking_often_signs_once(committed: Emergency) -> None:
    with committed.cast.at_acme("bob"):
        request = committed.pending()
    click = signing(committed, "lena", request.pk, request.content_hash)
    ended = all_at_once([click] * THREADS)
    assert ended == {"done": 1, "emergency_already_signed": THREADS - 1}


def test_both_roles_clicking_often_open_one_access(committed: Emergency) -> None:
    with committed.cast.at_acme("bob"):
        request = committed.pending()
    clicks = [
        signing(committed, name, request.pk, request.content_hash) for name in ("lena", "ivan")
    ]
    ended = all_at_once(clicks * (THREADS // 2))
    assert ended["done"] == 2
    with committed.cast.at_acme("bob"):
        assert Request.objects.get(pk=request.pk).state == State.ACTIVE
        _one_outcome(request)


def test_ending_from_all_sides_ends_once_and_is_proven_once(committed: Emergency) -> None:
    with committed.cast.at_acme("bob"):
        request = committed.active()
    given = {"request_id": request.pk}
    ends = [as_person(committed, name, services.end_early, **given) for name in ("bob", "ivan")]
    ended = all_at_once(ends * (THREADS // 2))
    assert ended == {"done": 1, "emergency_not_in_state": THREADS - 1}

    def prove() -> None:
        with committed.cast.at_acme():
            services.rotate(actor=KEEPER, request_id=request.pk, now=database_now())

    assert all_at_once([prove] * THREADS)["done"] == THREADS
    with committed.cast.at_acme():
        path = path_of(request)
        assert Request.objects.get(pk=request.pk).state == State.CLOSED
    for once in ("request.ended", "token.proven_dead", "request.closed"):
        assert path.count(once) == 1


def test_two_drafts_submitted_at_once_leave_one_waiting(committed: Emergency) -> None:
    with committed.cast.at_acme("bob"):
        drafts = [committed.draft() for _ in range(THREADS)]
    submits = [
        as_person(committed, "bob", services.submit_request, request_id=draft.pk)
        for draft in drafts
    ]
    ended = all_at_once(submits)
    assert ended == {"done": 1, "emergency_one_pending": THREADS - 1}
