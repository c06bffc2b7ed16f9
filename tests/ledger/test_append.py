"""The ledger takes events in the acting transaction and never changes them."""

import json
import uuid

import pytest
import rfc8785
from django.db import transaction

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


def test_the_database_derives_the_leaf(cast: Cast) -> None:
    with cast.at_acme():
        event = Event.objects.get(pk=_record(cast).pk)
    assert bytes(event.leaf) == ledger.leaf_hash(bytes(event.body))


def test_an_event_is_returned_as_it_is_stored(cast: Cast) -> None:
    with cast.at_acme():
        event = _record(cast)
        kept = Event.objects.get(pk=event.pk)
    for field in Event._meta.concrete_fields:
        said, stored = getattr(event, field.attname), getattr(kept, field.attname)
        assert said == (bytes(stored) if isinstance(stored, memoryview) else stored)


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
