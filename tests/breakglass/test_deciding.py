"""Dual control: who signs, who counts, and what undoes a signature."""

import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError, IntegrityError

from apps.accounts.models import User
from apps.breakglass import selectors, services
from apps.breakglass.errors import AlreadySigned, NotInState, RequestExpired
from apps.breakglass.models import Approval, EmergencyPolicy, Request
from apps.breakglass.services.deciding import KEEPER
from apps.breakglass.states import State
from apps.common.clock import database_now
from apps.common.errors import Denied, Invalid, NotFound
from apps.common.scope import scoped
from apps.crm.models import Connection
from apps.custody.models import IssuedToken
from apps.ledger import services as ledger
from apps.tenancy import services as tenancy
from apps.tenancy.models import Membership, UserGrant
from apps.tenancy.roles import Role
from tests.breakglass.actions import path_of
from tests.breakglass.conftest import Emergency, factor_for, grant
from tests.cast import INSTALLER, make_person


def _person(emergency: Emergency, name: str, *roles: str, person: User | None = None) -> User:
    """Another account at Acme with the org's grant; `person` makes it that human's second one."""
    acme = emergency.cast.acme
    user = make_person(name, uuid4().hex[:8], acme, list(roles), database_now())
    if person:
        with scoped(tenant_id=acme.pk, user_id=user.pk):
            User.objects.filter(pk=user.pk).update(person_id=person.person_id)
            user.person_id = person.person_id
    emergency.cast.people[name] = user
    grant(user, emergency.org)
    return user


def _drop(user: User, role: str) -> None:
    Membership.objects.filter(user=user, role=role).delete()


def _disable(user: User, emergency: Emergency) -> None:
    with scoped(tenant_id=emergency.cast.acme.pk, user_id=user.pk):
        User.objects.filter(pk=user.pk).update(is_active=False)


def test_legal_and_it_together_activate(at_acme: Emergency) -> None:
    request = at_acme.pending()
    assert at_acme.sign(request, "lena").state == State.PENDING
    assert selectors.missing_signatures(request) == {Role.IT_APPROVER: 1}
    active = at_acme.sign(request, "ivan")
    assert active.state == State.ACTIVE
    token = IssuedToken.objects.get(origin_id=request.pk)
    assert active.token == token
    assert active.activated_at and active.deadline_at == token.expires_at
    assert active.deadline_at - active.activated_at == timedelta(hours=2)
    assert (token.holder_id, token.scope, token.networks) == (
        at_acme.cast.bob.pk,
        request.scope,
        request.networks,
    )
    assert path_of(request)[2:] == [
        "request.approved",
        "request.approved",
        "request.activated",
    ]


def test_the_duration_counts_from_activation(at_acme: Emergency) -> None:
    request = at_acme.pending()
    at_acme.sign(request, "lena")
    later = database_now() + timedelta(minutes=30)
    active = at_acme.sign(request, "ivan", now=later, factor=_late_factor(at_acme, request, later))
    assert active.deadline_at == later + timedelta(hours=2)


def _late_factor(emergency: Emergency, request: Request, at: object) -> object:
    return factor_for(emergency.cast.ivan, request.content_hash, now=at)  # type: ignore[arg-type]


def test_one_role_alone_never_suffices(at_acme: Emergency) -> None:
    request = at_acme.pending()
    at_acme.sign(request, "lena")
    _person(at_acme, "lara", Role.LEGAL_APPROVER)
    assert at_acme.sign(request, "lara").state == State.PENDING


def test_nobody_decides_about_their_own_request(at_acme: Emergency) -> None:
    dual = _person(at_acme, "dora", Role.OPERATOR, Role.LEGAL_APPROVER)
    request = at_acme.pending(by="dora")
    with pytest.raises(Denied) as refusal:
        at_acme.sign(request, "dora")
    assert refusal.value.rule == "not-your-own"
    with pytest.raises(Denied):
        services.deny(actor=dual, request_id=request.pk, reason="no need", now=database_now())


def test_an_alias_of_the_requester_cannot_sign(at_acme: Emergency) -> None:
    _person(at_acme, "alias", Role.LEGAL_APPROVER, person=at_acme.cast.bob)
    request = at_acme.pending()
    with pytest.raises(Denied) as refusal:
        at_acme.sign(request, "alias")
    assert refusal.value.rule == "not-your-own"


def test_one_person_with_both_roles_counts_once(at_acme: Emergency) -> None:
    _person(at_acme, "both", Role.LEGAL_APPROVER, Role.IT_APPROVER)
    request = at_acme.pending()
    at_acme.sign(request, "both", Role.LEGAL_APPROVER)
    with pytest.raises(AlreadySigned):
        at_acme.sign(request, "both", Role.IT_APPROVER)
    assert Request.objects.get(pk=request.pk).state == State.PENDING


def test_two_accounts_of_one_person_count_once(at_acme: Emergency) -> None:
    _person(at_acme, "lena2", Role.IT_APPROVER, person=at_acme.cast.lena)
    request = at_acme.pending()
    at_acme.sign(request, "lena")
    with pytest.raises(AlreadySigned):
        at_acme.sign(request, "lena2", Role.IT_APPROVER)


def test_the_database_refuses_a_second_signature_of_a_person(at_acme: Emergency) -> None:
    request = at_acme.pending()
    at_acme.sign(request, "lena")
    alias = _person(at_acme, "lena2", Role.IT_APPROVER, person=at_acme.cast.lena)
    first = Approval.objects.get(request=request)
    with pytest.raises(IntegrityError, match="a_person_signs_once"), transaction.atomic():
        Approval.objects.create(
            request=request,
            by=alias,
            person_id=alias.person_id,
            role=Role.IT_APPROVER,
            content_hash=request.content_hash,
            factor=factor_for(alias, request.content_hash),
            at=first.at,
            expires_at=first.expires_at,
        )


def test_a_signature_is_never_changed_or_deleted(at_acme: Emergency) -> None:
    request = at_acme.pending()
    at_acme.sign(request, "lena")
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Approval.objects.filter(request=request).update(role=Role.IT_APPROVER)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Approval.objects.filter(request=request).delete()


def test_a_role_one_does_not_hold_cannot_be_signed_in(at_acme: Emergency) -> None:
    request = at_acme.pending()
    for role in (Role.IT_APPROVER, Role.TENANT_ADMIN, "legal", ""):
        with pytest.raises(Denied):
            services.approve(
                actor=at_acme.cast.lena,
                request_id=request.pk,
                role=role,
                factor=factor_for(at_acme.cast.lena, request.content_hash),
                now=database_now(),
            )
    with pytest.raises(Denied):
        at_acme.sign(request, "alice")


def test_the_grant_on_the_org_is_needed_too(at_acme: Emergency) -> None:
    request = at_acme.pending()
    UserGrant.objects.filter(user=at_acme.cast.lena).delete()
    with pytest.raises(Denied) as refusal:
        at_acme.sign(request, "lena")
    assert refusal.value.rule == "needs-grant:crm.approve_emergency"


def test_an_approver_of_another_tenant_finds_nothing(emergency: Emergency) -> None:
    with emergency.cast.at_acme("bob"):
        request = emergency.pending()
    with emergency.cast.at_globex() as mallory:
        with pytest.raises(NotFound):
            emergency.sign(request, "mallory")
        with pytest.raises(NotFound):
            services.deny(actor=mallory, request_id=request.pk, reason="never", now=database_now())


@pytest.mark.parametrize("how", ["demoted", "disabled", "left", "grant taken"])
def test_authority_lost_before_activation_voids_the_signature(at_acme: Emergency, how: str) -> None:
    request = at_acme.pending()
    at_acme.sign(request, "lena")
    lena = at_acme.cast.lena
    if how == "demoted":
        tenancy.enrol(actor=INSTALLER, user=lena, role=Role.AUDITOR, now=database_now())
        _drop(lena, Role.LEGAL_APPROVER)
    elif how == "disabled":
        _disable(lena, at_acme)
    elif how == "left":
        Membership.objects.filter(user=lena).delete()
    else:
        UserGrant.objects.filter(user=lena).delete()
    after = at_acme.sign(request, "ivan")
    assert after.state == State.PENDING
    void = Approval.objects.get(request=request, by_id=lena.pk)
    assert void.void_reason == Approval.Void.AUTHORITY_LOST
    assert "approval.voided" in path_of(request)
    assert selectors.missing_signatures(request) == {Role.LEGAL_APPROVER: 1}
    assert not IssuedToken.objects.filter(origin_id=request.pk).exists()
    _person(at_acme, "lara", Role.LEGAL_APPROVER)
    assert at_acme.sign(request, "lara").state == State.ACTIVE


def test_a_requester_who_lost_the_power_is_not_let_in(at_acme: Emergency) -> None:
    request = at_acme.pending()
    at_acme.sign(request, "lena")
    _drop(at_acme.cast.bob, Role.OPERATOR)
    with pytest.raises(Denied):
        at_acme.sign(request, "ivan")
    assert Request.objects.get(pk=request.pk).state == State.PENDING


def test_an_org_that_was_disconnected_is_not_opened(at_acme: Emergency) -> None:
    request = at_acme.pending()
    at_acme.sign(request, "lena")
    Connection.objects.filter(pk=at_acme.org.pk).update(state="disconnected")
    with pytest.raises(Denied) as refusal:
        at_acme.sign(request, "ivan")
    assert refusal.value.rule == "org-disconnected"


def test_an_expired_request_cannot_be_approved_though_no_sweeper_ran(at_acme: Emergency) -> None:
    EmergencyPolicy.objects.create(version=1, pending_life=timedelta(milliseconds=300))
    request = at_acme.pending()
    asked_in_time = database_now()
    time.sleep(0.4)
    for verb in ("lena", "ivan"):
        with pytest.raises(RequestExpired):
            at_acme.sign(request, verb, now=asked_in_time)
    with pytest.raises(RequestExpired):
        services.deny(
            actor=at_acme.cast.lena, request_id=request.pk, reason="too late", now=asked_in_time
        )
    assert Request.objects.get(pk=request.pk).state == State.PENDING
    assert services.expire_due(actor=KEEPER, request_id=request.pk, now=asked_in_time)
    assert path_of(request)[-1] == "request.expired"


def test_a_signature_that_grew_too_old_does_not_count(at_acme: Emergency) -> None:
    EmergencyPolicy.objects.create(version=1, approval_life=timedelta(milliseconds=300))
    request = at_acme.pending()
    at_acme.sign(request, "lena")
    time.sleep(0.4)
    assert at_acme.sign(request, "ivan").state == State.PENDING
    assert at_acme.sign(request, "lena").state == State.ACTIVE
    reasons = Approval.objects.filter(request=request).values_list("void_reason", flat=True)
    assert sorted(reasons) == ["", "", Approval.Void.EXPIRED]


def test_content_that_was_changed_voids_every_signature(at_acme: Emergency) -> None:
    """The owner of the database goes around the trigger; the signatures are over other words."""
    request = at_acme.pending()
    at_acme.sign(request, "lena")
    signed = request.content_hash
    request.duration = timedelta(hours=4)
    assert request.hash_now() != signed
    for changed in ("scope", "networks", "case_reference", "justification", "requester_person"):
        fresh = Request.objects.get(pk=request.pk)
        value = {"scope": {}, "networks": ["10.0.0.0/8"], "requester_person": uuid4()}
        setattr(fresh, changed, value.get(changed, "M-1"))
        assert fresh.hash_now() != signed


def test_denial_is_final_and_says_why(at_acme: Emergency) -> None:
    request = at_acme.pending()
    at_acme.sign(request, "lena")
    with pytest.raises(Invalid):
        services.deny(
            actor=at_acme.cast.ivan, request_id=request.pk, reason="  ", now=database_now()
        )
    denied = services.deny(
        actor=at_acme.cast.ivan,
        request_id=request.pk,
        reason="The matter is on hold.",
        now=database_now(),
    )
    assert (denied.state, denied.refusal) == (State.DENIED, "The matter is on hold.")
    with pytest.raises(NotInState):
        at_acme.sign(request, "ivan")


def test_activation_is_one_with_its_token_and_ledger_entry(
    at_acme: Emergency, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = at_acme.pending()
    at_acme.sign(request, "lena")
    factor = factor_for(at_acme.cast.ivan, request.content_hash)
    record = ledger.record

    def fail_late(**entry: object) -> object:
        if entry["action"] == "breakglass.request.activated":
            raise RuntimeError("the ledger does not answer")
        return record(**entry)  # type: ignore[arg-type]

    monkeypatch.setattr(ledger, "record", fail_late)
    with pytest.raises(RuntimeError):
        at_acme.sign(request, "ivan", factor=factor)
    fresh = Request.objects.get(pk=request.pk)
    assert (fresh.state, fresh.token_id) == (State.PENDING, None)
    assert Approval.objects.count() == 1
    assert not IssuedToken.objects.filter(origin_id=request.pk).exists()
    factor.refresh_from_db()
    assert factor.spent_at is None


def test_the_higher_quorum_of_a_privileged_tenant_holds(at_acme: Emergency) -> None:
    EmergencyPolicy.objects.create(version=1, legal_quorum=2)
    request = at_acme.pending()
    at_acme.sign(request, "lena")
    assert at_acme.sign(request, "ivan").state == State.PENDING
    _person(at_acme, "lara", Role.LEGAL_APPROVER)
    assert at_acme.sign(request, "lara").state == State.ACTIVE


def test_state_cannot_jump_past_the_signatures(at_acme: Emergency) -> None:
    request = at_acme.pending()
    with pytest.raises(IntegrityError, match="token_and_an_end"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "update breakglass_request set state = 'active' where id = %s", [request.pk]
            )
