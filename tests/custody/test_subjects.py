"""Personal values in the ledger: opened for few, gone when their person's key is destroyed."""

import json

import pytest
from django.db import DatabaseError, connection, transaction

from apps.accounts import services as accounts
from apps.accounts.errors import FactorRefused
from apps.accounts.models import FreshFactor, User
from apps.common.clock import database_now
from apps.common.errors import Denied, NotFound
from apps.common.keyring import CannotOpen
from apps.common.scope import scoped
from apps.custody import subjects
from apps.custody.models import SubjectKey
from apps.ledger import merkle, personal
from apps.ledger import services as ledger
from apps.ledger.models import Event
from tests.cast import Cast, code_for, forget_used_codes

ADDRESS = "203.0.113.77"


def factor_for(person: User, row: str) -> FreshFactor:
    now = database_now()
    forget_used_codes(person)
    return accounts.prove(
        user=person,
        code=code_for(person),
        decision=subjects.ERASE_DECISION,
        subject=row,
        now=now,
    )


def tell(actor: User, target: User) -> Event:
    data = {"personal": subjects.seal_personal(target.actor_ref, {"address": ADDRESS})}
    return ledger.record(
        actor=actor, action="tenancy.member.added", target=target, at=database_now(), data=data
    )


def data_of(event: Event) -> dict[str, object]:
    said: dict[str, object] = json.loads(bytes(event.body))["data"]
    return said


def erase(cast: Cast, subject: str) -> SubjectKey:
    row = SubjectKey.objects.get(subject=subject, erased_at=None)
    factor = factor_for(cast.alice, str(row.pk))
    return subjects.erase_subject(
        actor=cast.alice, subject=subject, factor=factor, now=database_now()
    )


def test_a_personal_value_rests_sealed_and_opens_for_those_who_may(cast: Cast) -> None:
    with cast.at_acme():
        event = tell(cast.alice, cast.bob)
        assert ADDRESS.encode() not in bytes(event.body)
        assert personal.opened(data_of(event)) == {"address": ADDRESS}
    with cast.at_acme("otto"):
        assert personal.opened(data_of(event)) == {"address": ADDRESS}
    with cast.at_acme("bob"):
        assert personal.opened(data_of(event)) == {"address": personal.HIDDEN}


def test_a_persons_values_share_one_key_and_anothers_do_not(cast: Cast) -> None:
    with cast.at_acme():
        for person in (cast.bob, cast.bob, cast.otto):
            tell(cast.alice, person)
        assert SubjectKey.objects.count() == 2


def test_erasing_a_person_destroys_the_values_and_leaves_every_proof(cast: Cast) -> None:
    with cast.at_acme():
        events = [tell(cast.alice, cast.bob), tell(cast.alice, cast.otto)]
        leaves = [bytes(event.leaf) for event in events]
        root = merkle.root_of(leaves)
        erase(cast, cast.bob.actor_ref)
        kept = [Event.objects.get(pk=event.pk) for event in events]
        assert personal.opened(data_of(kept[0])) == {"address": personal.ERASED}
        assert personal.opened(data_of(kept[1])) == {"address": ADDRESS}
        assert merkle.root_of([merkle.leaf_hash(bytes(event.body)) for event in kept]) == root
        path = merkle.inclusion_path(merkle.hashes_of(leaves), 0, 2)
        merkle.check_inclusion(merkle.leaf_hash(bytes(kept[0].body)), 0, 2, path, root)
        told = Event.objects.get(action="custody.subject.erased")
        assert data_of(told) == {"subject": cast.bob.actor_ref, "fields": ["address"]}


def test_nothing_of_the_destroyed_key_is_left_in_its_row(cast: Cast) -> None:
    with cast.at_acme():
        tell(cast.alice, cast.bob)
        row = erase(cast, cast.bob.actor_ref)
        with connection.cursor() as cursor:
            cursor.execute("select secret from custody_subjectkey where id = %s", [row.pk])
            assert cursor.fetchone() == (None,)


@pytest.mark.parametrize(
    "attack",
    [
        "update custody_subjectkey set erased_at = null, secret = '\\x00'",
        "update custody_subjectkey set subject = 'user:other'",
        "delete from custody_subjectkey",
    ],
)
def test_an_erased_key_stays_erased(cast: Cast, attack: str) -> None:
    with cast.at_acme():
        tell(cast.alice, cast.bob)
        erase(cast, cast.bob.actor_ref)
        with connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute(attack)


def test_after_erasure_new_values_get_a_new_key(cast: Cast) -> None:
    with cast.at_acme():
        old = tell(cast.alice, cast.bob)
        erase(cast, cast.bob.actor_ref)
        new = tell(cast.alice, cast.bob)
        assert personal.opened(data_of(new)) == {"address": ADDRESS}
        assert personal.opened(data_of(old)) == {"address": personal.ERASED}


def test_only_those_who_manage_members_erase_and_only_with_a_factor_for_it(cast: Cast) -> None:
    with cast.at_acme():
        tell(cast.alice, cast.bob)
        row = SubjectKey.objects.get()
    with cast.at_acme("otto"):
        with pytest.raises(Denied), transaction.atomic():
            factor = factor_for(cast.otto, str(row.pk))
            subjects.erase_subject(
                actor=cast.otto, subject=row.subject, factor=factor, now=database_now()
            )
    with cast.at_acme():
        with pytest.raises(FactorRefused), transaction.atomic():
            factor = factor_for(cast.alice, "another")
            subjects.erase_subject(
                actor=cast.alice, subject=row.subject, factor=factor, now=database_now()
            )
        row.refresh_from_db()
        assert row.erased_at is None


def test_another_tenant_neither_opens_nor_erases(cast: Cast) -> None:
    with cast.at_acme():
        event = tell(cast.alice, cast.bob)
        row = SubjectKey.objects.get()
    with cast.at_globex() as mallory:
        assert personal.opened(data_of(event)) == {"address": personal.HIDDEN}
        with pytest.raises(CannotOpen):
            subjects.open_personal(data_of(event)["personal"])  # type: ignore[arg-type]
        factor = factor_for(mallory, str(row.pk))
        with pytest.raises(NotFound):
            subjects.erase_subject(
                actor=mallory, subject=row.subject, factor=factor, now=database_now()
            )


def test_a_value_moved_to_another_person_does_not_open(cast: Cast) -> None:
    with cast.at_acme():
        first = data_of(tell(cast.alice, cast.bob))["personal"]
        second = data_of(tell(cast.alice, cast.otto))["personal"]
        assert isinstance(first, dict) and isinstance(second, dict)
        with pytest.raises(CannotOpen):
            subjects.open_personal({**first, "key": second["key"]})


@pytest.mark.parametrize("subject", ["bob@example.org", "user:", "user:a b", ""])
def test_a_subject_is_a_reference_and_never_a_name(cast: Cast, subject: str) -> None:
    with cast.at_acme(), pytest.raises(ValueError, match="reference"):
        subjects.seal_personal(subject, {"address": ADDRESS})


def test_nobody_in_scope_sees_nothing(cast: Cast) -> None:
    with cast.at_acme():
        event = tell(cast.alice, cast.bob)
    with scoped(tenant_id=cast.acme.pk):
        assert personal.opened(data_of(event)) == {"address": personal.HIDDEN}
