"""Verifying one event on its page: what is proved, refuted and left open, in words."""

import pytest
from pytest_django.fixtures import Settings

from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.ledger import proving, signing
from apps.ledger.models import Event
from apps.ledger.standing import PATIENCE, standing
from tests.cast import make_cast
from tests.ledger.sequencing import HOST, KEYS, sequence_all
from tests.ledger.test_sequencer import acts, new_tenant

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def signing_keys(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.LEDGER_ORIGIN = HOST
    monkeypatch.setattr(signing, "_introduced", [lambda: KEYS])


def _tones(event: Event) -> list[str]:
    return [step.tone for step in proving.prove(event)]


def test_an_event_is_proved_step_by_step_once_it_is_signed() -> None:
    tenant = new_tenant()
    first, *_ = acts(tenant, 3)
    with scoped(tenant_id=tenant.pk):
        assert _tones(first) == ["good", "good", "unknown"]
    sequence_all()
    acts(tenant, 300)
    sequence_all()
    with scoped(tenant_id=tenant.pk):
        steps = proving.prove(first)
    assert [step.tone for step in steps] == ["good"] * 5 + ["unknown"]
    words = " ".join(step.words for step in steps)
    assert "entry #0 of the 303" in words and "only grew" in words
    assert "Nobody outside holds it yet" in words


def test_a_checkpoint_of_unknown_keys_is_refuted(settings: Settings) -> None:
    tenant = new_tenant()
    [event] = acts(tenant, 1)
    sequence_all()
    settings.LEDGER_ORIGIN = "another.example"
    with scoped(tenant_id=tenant.pk):
        steps = proving.prove(event)
    assert [step.words for step in steps if step.tone == "danger"] == [
        "The checkpoint is NOT signed by a key of this log"
    ]


def test_changed_bytes_are_refuted() -> None:
    tenant = new_tenant()
    first, second = acts(tenant, 2)
    sequence_all()
    first.body = second.body
    with scoped(tenant_id=tenant.pk):
        refuted = [step.words for step in proving.prove(first) if step.tone == "danger"]
    assert refuted == [
        "Its bytes do NOT give its leaf hash",
        "This page shows something else than the bytes say",
        "It is NOT proved to be entry #0 of the log",
    ]


def test_the_page_verifies_hands_out_the_proof_and_follows_the_state() -> None:
    cast = make_cast()
    with cast.at_acme():
        event = Event.objects.latest("at")
    otto = cast.client("otto")
    address = f"/ledger/{event.pk}/"
    waiting = otto.get(f"{address}progress/").content.decode()
    assert "hx-get" in waiting and "waits for its position" in waiting
    assert otto.get(f"{address}proof/").status_code == 404
    sequence_all()
    settled = otto.get(f"{address}progress/").content.decode()
    assert "hx-get" not in settled and "Signed" in settled
    proof = otto.get(f"{address}proof/")
    assert proof.content.startswith(b"c2sp.org/tlog-proof@v1\nindex ")
    page = otto.get(f"{address}?verify=1").content.decode()
    assert "Nothing speaks against it" in page and "newest checkpoint signs" in page
    listed = otto.get("/ledger/").content.decode()
    assert "events · signed" in listed and "not anchored outside yet" in listed
    for part in ("proof/", "progress/", ""):
        assert cast.client("mallory").get(f"{address}{part}").status_code == 404


def test_events_that_wait_too_long_for_a_position_are_an_alarm() -> None:
    tenant = new_tenant()
    acts(tenant, 1)
    with scoped(tenant_id=tenant.pk):
        now = database_now()
        assert standing(now=now).alarms == ()
        [alarm] = standing(now=now + PATIENCE).alarms
    assert "no position" in alarm.words
    sequence_all()
    with scoped(tenant_id=tenant.pk):
        assert standing(now=now + PATIENCE).alarms == ()
        assert standing(now=now).size == 1
