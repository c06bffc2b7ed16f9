"""The ledger takes events in the acting transaction and never changes them."""

import json
import uuid

import pytest
import rfc8785
from django.db import connection, transaction
from django.db.utils import DatabaseError, IntegrityError

from apps.common.clock import database_now
from apps.common.errors import Denied
from apps.common.refusals import record_refusal
from apps.ledger import registry, selectors
from apps.ledger import services as ledger
from apps.ledger.models import Event
from tests.cast import Cast


def _record(cast: Cast, **more: object) -> Event:
    return ledger.record(
        actor=cast.alice,
        action="tenancy.member.added",
        target=cast.acme,
        at=database_now(),
        **more,  # type: ignore[arg-type]
    )


def test_the_body_is_canonical_and_names_tenant_actor_and_time(cast: Cast) -> None:
    with cast.at_acme():
        event = _record(cast, data={"role": "auditor", "n": 1})
    body = json.loads(bytes(event.body))
    assert rfc8785.dumps(body) == bytes(event.body)
    assert body["tenant_id"] == str(cast.acme.pk)
    assert body["actor"] == f"user:{cast.alice.pk}"
    assert body["at"] == event.at.isoformat(timespec="microseconds")
    assert bytes(event.leaf) == ledger.leaf_hash(bytes(event.body))


def test_an_event_and_its_act_vanish_together(cast: Cast) -> None:
    with cast.at_acme():
        before = Event.objects.count()
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            _record(cast)
            raise ZeroDivisionError
        assert Event.objects.count() == before


def test_a_retried_act_records_once(cast: Cast) -> None:
    event_id = uuid.uuid4()
    with cast.at_acme():
        assert _record(cast, event_id=event_id) == _record(cast, event_id=event_id)
        assert Event.objects.filter(id=event_id).count() == 1


def test_an_action_that_nobody_registered_is_refused(cast: Cast) -> None:
    with cast.at_acme(), pytest.raises(ValueError, match="registered by no app"):
        ledger.record(actor=cast.alice, action="a.b.c", target=cast.acme, at=database_now())


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE ledger_event SET action = 'x'",
        "DELETE FROM ledger_event",
        "TRUNCATE ledger_event",
        "ALTER TABLE ledger_event DISABLE TRIGGER ALL",
        "CREATE RULE quiet AS ON INSERT TO ledger_event DO INSTEAD NOTHING",
        "DROP POLICY scope ON ledger_event",
        "ALTER TABLE ledger_event DISABLE ROW LEVEL SECURITY",
        "DROP TABLE ledger_event",
        "CREATE TRIGGER t BEFORE INSERT ON ledger_event EXECUTE FUNCTION ledger_event_refuse()",
    ],
)
def test_the_app_role_can_do_nothing_but_insert_and_read(cast: Cast, attack: str) -> None:
    with cast.at_acme(), pytest.raises(DatabaseError), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(attack)


@pytest.mark.parametrize(
    "attack",
    ["UPDATE ledger_event SET action = 'x'", "DELETE FROM ledger_event", "TRUNCATE ledger_event"],
)
def test_triggers_refuse_the_owner_too(owner_connection: object, attack: str) -> None:
    with pytest.raises(Exception, match="append-only") as refused:
        with owner_connection.transaction():  # type: ignore[attr-defined]
            owner_connection.execute(  # type: ignore[attr-defined]
                "ALTER TABLE ledger_event NO FORCE ROW LEVEL SECURITY"
            )
            owner_connection.execute(_MAKE_TENANT_AND_EVENT)  # type: ignore[attr-defined]
            owner_connection.execute("SET CONSTRAINTS ALL IMMEDIATE")  # type: ignore[attr-defined]
            owner_connection.execute(attack)  # type: ignore[attr-defined]
    assert refused.value.sqlstate == "55000"  # type: ignore[attr-defined]


_MAKE_TENANT_AND_EVENT = """
    ALTER TABLE tenancy_tenant NO FORCE ROW LEVEL SECURITY;
    INSERT INTO tenancy_tenant (id, slug, name) VALUES (gen_random_uuid(), 'owner-test', 'Owner');
    INSERT INTO ledger_event (id, tenant_id, action, actor, target_type, target_id, at, body, leaf)
        SELECT id, id, 'a.b.c', 'x', 'y', 'z', created_at, body, sha256('\\x00'::bytea || body)
        FROM tenancy_tenant, convert_to(json_build_object('event_id', id, 'tenant_id', id,
            'actor', 'x', 'action', 'a.b.c', 'target', '{"type": "y", "id": "z"}'::json,
            'at', created_at)::text, 'UTF8') AS body
        WHERE slug = 'owner-test';
"""


def test_the_database_checks_the_leaf(cast: Cast) -> None:
    with cast.at_acme(), pytest.raises(IntegrityError, match="leaf_matches_body"):
        with transaction.atomic():
            Event.objects.create(
                action="a.b.c",
                actor="x",
                target_type="y",
                target_id="z",
                at=database_now(),
                body=b"{}",
                leaf=b"\x00" * 32,
            )


def test_a_refusal_is_remembered_with_its_rule_and_without_words(cast: Cast) -> None:
    with cast.at_acme():
        record_refusal(cast.bob, Denied("Mara may not do this.", rule="own-request"))
        event = selectors.last_event()
    assert event is not None
    assert event.target_id == "own-request"
    assert b"Mara" not in bytes(event.body)


def test_the_path_of_a_thing_is_its_own(cast: Cast) -> None:
    with cast.at_acme():
        _record(cast)
        assert {event.target_id for event in selectors.list_path_of(cast.acme)} == {
            str(cast.acme.pk)
        }


def test_registering_different_words_for_one_action_fails() -> None:
    with pytest.raises(ValueError, match="twice"):
        registry.register({"tenancy.member.added": "Something else"})
