"""Using an emergency access: what every call must show, and what ends it at once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from apps.accounts.errors import FactorRefused
from apps.accounts.models import User
from apps.breakglass import services
from apps.breakglass.errors import ContentChanged, NotInState
from apps.breakglass.models import Request
from apps.breakglass.services.elevation import REVEAL_DECISION, Call, admit
from apps.breakglass.states import EndReason, State
from apps.common.actors import ServiceActor
from apps.common.clock import database_now
from apps.common.errors import Conflict, Denied, NotFound
from apps.common.scope import scoped
from apps.custody import tokens
from apps.custody.access import emergency_access
from apps.custody.errors import TokenRefused
from apps.custody.models import IssuedToken
from apps.tenancy.models import Membership
from tests.breakglass.actions import path_of
from tests.breakglass.conftest import MATTER, OTHER_MATTER, Emergency, factor_for

KEEPER = ServiceActor("breakglass")


def call_of(request: Request) -> Call:
    """A call that fits the request."""
    token = IssuedToken.objects.get(origin_id=request.pk)
    with emergency_access():
        return Call(str(token.secret), "203.0.113.9", "Matter__c", MATTER)


def test_a_call_within_scope_is_admitted(at_acme: Emergency) -> None:
    request = at_acme.active()
    call = call_of(request)
    grant = admit(call=call, now=database_now())
    assert (grant.record_id, grant.fields) == (MATTER, ("Name", "Status__c"))
    assert grant.holder == at_acme.cast.bob
    narrow = admit(call=replace(call, record_id=MATTER[:15], fields=("Name",)), now=database_now())
    assert (narrow.record_id, narrow.fields) == (MATTER, ("Name",))


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"address": "198.51.100.1"}, "elevation-geofence"),
        ({"address": ""}, "elevation-geofence"),
        ({"address": "::1"}, "elevation-geofence"),
        ({"object_name": "Contact"}, "elevation-object"),
        ({"object_name": "matter__c"}, "elevation-object"),
        ({"record_id": OTHER_MATTER}, "elevation-record"),
        ({"record_id": MATTER.lower()}, "elevation-record"),
        ({"record_id": "' OR Id != '"}, "elevation-record"),
        ({"fields": ("Name", "Privileged_Notes__c")}, "elevation-fields"),
    ],
)
def test_a_call_outside_is_refused_by_rule(
    at_acme: Emergency, changes: dict[str, str], rule: str
) -> None:
    call = replace(call_of(at_acme.active()), **changes)  # type: ignore[arg-type]
    with pytest.raises(Denied) as refusal:
        admit(call=call, now=database_now())
    assert refusal.value.rule == rule


def test_the_deadline_refuses_by_itself(at_acme: Emergency) -> None:
    request = at_acme.active()
    assert request.deadline_at
    call = call_of(request)
    admit(call=call, now=request.deadline_at - timedelta(seconds=1))
    with pytest.raises(TokenRefused):
        admit(call=call, now=request.deadline_at)
    assert Request.objects.get(pk=request.pk).state == State.ACTIVE  # no sweeper ran


def test_the_kill_switch_works_on_the_next_call(at_acme: Emergency) -> None:
    request = at_acme.active()
    call = call_of(request)
    admit(call=call, now=database_now())
    services.end_early(actor=at_acme.cast.lena, request_id=request.pk, now=database_now())
    with pytest.raises(TokenRefused):
        admit(call=call, now=database_now())


def test_a_token_that_lives_on_is_useless_without_its_request(at_acme: Emergency) -> None:
    """Even if the token row were brought back to life, the request's state decides."""
    request = at_acme.active()
    call = call_of(request)
    services.end_early(actor=at_acme.cast.bob, request_id=request.pk, now=database_now())
    IssuedToken.objects.filter(origin_id=request.pk).update(ended_at=None)
    with pytest.raises(Denied) as refusal:
        admit(call=call, now=database_now())
    assert refusal.value.rule == "elevation-active"


def test_a_holder_who_lost_the_power_is_refused(at_acme: Emergency) -> None:
    call = call_of(at_acme.active())
    Membership.objects.filter(user=at_acme.cast.bob).delete()
    with pytest.raises(Denied) as refusal:
        admit(call=call, now=database_now())
    assert refusal.value.rule in {"elevation-holder", "needs:emergency.request"}


def test_a_disabled_holder_is_refused(at_acme: Emergency) -> None:
    call, bob = call_of(at_acme.active()), at_acme.cast.bob
    with scoped(tenant_id=at_acme.cast.acme.pk, user_id=bob.pk):
        User.objects.filter(pk=bob.pk).update(is_active=False)
    with pytest.raises(Denied):
        admit(call=call, now=database_now())


def test_unknown_and_other_kinds_of_token_are_refused(at_acme: Emergency) -> None:
    call = call_of(at_acme.active())
    _, api = tokens.issue_token(
        actor=at_acme.cast.bob,
        holder=at_acme.cast.bob,
        kind=IssuedToken.Kind.API,
        name="laptop",
        scope={},
        networks=[],
        now=database_now(),
        expires_at=database_now() + timedelta(hours=1),
    )
    for text in ("", "bwk_x_y", call.text[:-1], call.text + "A", api):
        with pytest.raises(TokenRefused):
            admit(call=replace(call, text=text), now=database_now())


def test_another_tenant_cannot_use_the_token(emergency: Emergency) -> None:
    with emergency.cast.at_acme("bob"):
        call = call_of(emergency.active())
    with emergency.cast.at_globex(), pytest.raises(TokenRefused):
        admit(call=call, now=database_now())


def test_what_was_not_signed_is_not_read(
    at_acme: Emergency, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row changed behind the trigger's back no longer fits its hash, so nothing is admitted."""
    request = at_acme.active()
    monkeypatch.setattr(Request, "hash_now", lambda row: "0" * 64)
    with pytest.raises(ContentChanged):
        admit(call=call_of(request), now=database_now())


def test_the_token_is_shown_once_to_its_holder_with_a_fresh_factor(at_acme: Emergency) -> None:
    request, bob = at_acme.active(), at_acme.cast.bob

    def reveal(user: User, decision: str = REVEAL_DECISION) -> str:
        factor = factor_for(user, request.content_hash, decision=decision)
        return services.reveal(actor=user, request_id=request.pk, factor=factor, now=database_now())

    with pytest.raises(Denied):
        reveal(at_acme.cast.alice)
    with pytest.raises(FactorRefused):
        reveal(bob, decision="breakglass.request.approve")
    assert reveal(bob) == call_of(request).text
    with pytest.raises(Conflict, match="shown already"):
        reveal(bob)


def test_nothing_can_be_shown_before_activation(at_acme: Emergency) -> None:
    request, bob = at_acme.pending(), at_acme.cast.bob
    factor = factor_for(bob, request.content_hash, decision=REVEAL_DECISION)
    with pytest.raises(NotInState):
        services.reveal(actor=bob, request_id=request.pk, factor=factor, now=database_now())


def test_the_secret_rests_sealed(at_acme: Emergency) -> None:
    request = at_acme.active()
    text = call_of(request).text
    with connection.cursor() as cursor:
        cursor.execute(
            "select secret, digest, name from custody_issuedtoken where origin_id = %s",
            [request.pk],
        )
        row = b"".join(
            bytes(part) if not isinstance(part, str) else part.encode()
            for part in cursor.fetchone()
        )
    assert text.encode() not in row and text[-20:].encode() not in row


def test_requester_approvers_and_admin_may_end_it_others_may_not(at_acme: Emergency) -> None:
    request = at_acme.active()
    for name in ("rita", "otto"):
        with pytest.raises(Denied):
            services.end_early(
                actor=at_acme.cast.people[name], request_id=request.pk, now=database_now()
            )
    ended = services.end_early(actor=at_acme.cast.bob, request_id=request.pk, now=database_now())
    assert (ended.state, ended.end_reason) == (State.ENDING, EndReason.DONE)
    with pytest.raises(NotInState):
        services.end_early(actor=at_acme.cast.bob, request_id=request.pk, now=database_now())
    for name in ("alice", "ivan"):
        other = at_acme.active()
        services.end_early(actor=at_acme.cast.people[name], request_id=other.pk, now=database_now())
        assert Request.objects.get(pk=other.pk).end_reason == EndReason.STOPPED


def test_time_ends_it_and_only_when_it_is_over(at_acme: Emergency) -> None:
    request = at_acme.active()
    assert request.deadline_at
    early: dict[str, Any] = {"actor": KEEPER, "request_id": request.pk, "now": database_now()}
    assert not services.end_due(**early)
    due = {**early, "now": request.deadline_at}
    assert services.end_due(**due)
    assert not services.end_due(**due)
    assert path_of(request).count("request.ended") == 1
    assert IssuedToken.objects.get(origin_id=request.pk).ended_at is not None


def test_the_end_is_proven_before_it_is_closed(at_acme: Emergency) -> None:
    request = at_acme.active()
    services.end_early(actor=at_acme.cast.bob, request_id=request.pk, now=database_now())
    closed = services.rotate(actor=KEEPER, request_id=request.pk, now=database_now())
    assert closed.state == State.CLOSED
    assert path_of(request)[-4:] == [
        "request.ended",
        "rotation.started",
        "token.proven_dead",
        "request.closed",
    ]
    again = services.rotate(actor=KEEPER, request_id=request.pk, now=database_now())
    assert again.state == State.CLOSED
    assert path_of(request).count("token.proven_dead") == 1


def test_a_token_that_is_still_accepted_keeps_the_request_open(at_acme: Emergency) -> None:
    request = at_acme.active()
    services.end_early(actor=at_acme.cast.bob, request_id=request.pk, now=database_now())
    IssuedToken.objects.filter(origin_id=request.pk).update(ended_at=None)
    failed = services.rotate(actor=KEEPER, request_id=request.pk, now=database_now())
    assert (failed.state, failed.rotation_failure) == (
        State.ROTATION_FAILED,
        "token_still_accepted",
    )
    tokens.end_token(actor=KEEPER, token_id=failed.token_id, now=database_now())  # type: ignore[arg-type]
    closed = services.rotate(actor=KEEPER, request_id=request.pk, now=database_now())
    assert (closed.state, closed.rotation_attempts) == (State.CLOSED, 2)


def test_a_secret_that_cannot_be_presented_proves_nothing(at_acme: Emergency) -> None:
    request = at_acme.active()
    services.end_early(actor=at_acme.cast.bob, request_id=request.pk, now=database_now())
    token = IssuedToken.objects.get(origin_id=request.pk)
    token.secret = "another text"  # sealed in the right place, yet not what was issued
    token.save(update_fields=["secret"])
    failed = services.rotate(actor=KEEPER, request_id=request.pk, now=database_now())
    assert failed.rotation_failure == "secret_is_another"
    with connection.cursor() as cursor:
        cursor.execute(
            "update custody_issuedtoken set secret = '\\x00' where origin_id = %s", [request.pk]
        )
    failed = services.rotate(actor=KEEPER, request_id=request.pk, now=database_now())
    assert failed.rotation_failure == "secret_unreadable"


def test_a_worker_that_died_while_proving_is_followed_by_another(at_acme: Emergency) -> None:
    request = at_acme.active()
    services.end_early(actor=at_acme.cast.bob, request_id=request.pk, now=database_now())
    services.begin_rotation(actor=KEEPER, request_id=request.pk, now=database_now())
    closed = services.rotate(actor=KEEPER, request_id=request.pk, now=database_now())
    assert (closed.state, closed.rotation_attempts) == (State.CLOSED, 2)


def test_another_tenant_can_neither_show_nor_end_it(emergency: Emergency) -> None:
    with emergency.cast.at_acme("bob"):
        request = emergency.active()
    with emergency.cast.at_globex() as mallory:
        factor = factor_for(mallory, request.content_hash, decision=REVEAL_DECISION)
        with pytest.raises(NotFound):
            services.reveal(actor=mallory, request_id=request.pk, factor=factor, now=database_now())
        for actor in (mallory, KEEPER):
            with pytest.raises(NotFound):
                services.end_early(actor=actor, request_id=request.pk, now=database_now())
