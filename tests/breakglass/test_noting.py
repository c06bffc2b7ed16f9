"""Telling the org about each step: at once when it answers, later when it does not, once in all."""

import pytest
from django.db import IntegrityError, transaction

from apps.breakglass import selectors, services, tasks
from apps.breakglass.models import CaseNote, Request
from apps.common.actors import ServiceActor
from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.crm.session import open_org
from apps.ledger import selectors as ledger
from tests.breakglass.conftest import Emergency, grant
from tests.cast import make_cast
from tests.crm import orgs
from tests.fakes.sandbox import RunningSandbox

pytestmark = pytest.mark.django_db(transaction=True)
KEEPER = ServiceActor("breakglass")


@pytest.fixture
def night(sandbox: RunningSandbox) -> Emergency:
    cast = make_cast()
    return Emergency(cast, orgs.connect(cast, sandbox))


def _pending(night: Emergency, reference: str) -> tuple[Request, CaseNote]:
    with night.cast.at_acme("bob"):
        request = night.pending(case_reference=reference)
        return request, CaseNote.objects.get(request=request)


def _known_case(night: Emergency) -> str:
    with open_org(tenant_id=night.cast.acme.pk, connection_id=night.org.pk) as org:
        return str(next(iter(org.query("SELECT CaseNumber FROM Case LIMIT 1")))["CaseNumber"])


def _tell(night: Emergency, note: CaseNote) -> CaseNote:
    tasks.note_on_case(tenant_id=str(night.cast.acme.pk), note_id=str(note.pk))
    with scoped(tenant_id=night.cast.acme.pk):
        return CaseNote.objects.get(pk=note.pk)


def _recorded(night: Emergency, action: str) -> list[dict[str, object]]:
    with scoped(tenant_id=night.cast.acme.pk):
        return [ledger.data_of(event) for event in ledger.list_events(action=action)]


def test_a_step_is_published_with_its_case(night: Emergency) -> None:
    _, note = _pending(night, _known_case(night))
    assert note.step == CaseNote.Step.SUBMITTED
    told = _tell(night, note)
    assert told.written_at and told.case_found is True
    _tell(night, note)
    [entry] = _recorded(night, "breakglass.case.noted")
    assert entry["case_found"] is True and entry["org_requests"]


@pytest.mark.parametrize(("reference", "found"), [("99999999", False), ("M-2231", None)])
def test_a_case_that_is_not_there_is_said(
    night: Emergency, reference: str, found: bool | None
) -> None:
    _, note = _pending(night, reference)
    assert _tell(night, note).case_found is found


def test_an_org_that_is_silent_is_told_when_it_answers(
    night: Emergency, sandbox: RunningSandbox
) -> None:
    request, note = _pending(night, "00013377")
    sandbox.fault("insufficient_access", when="always", path="/sobjects/Bailiwick_Emergency__e")
    waiting = _tell(night, note)
    assert (waiting.written_at, waiting.failure) == (None, "crm_access_refused")
    assert len(_recorded(night, "breakglass.case.missed")) == 1
    assert _tell(night, note).attempts == 1  # not due again yet
    sandbox.clear_faults()
    with scoped(tenant_id=night.cast.acme.pk):
        CaseNote.objects.filter(pk=note.pk).update(due_at=database_now())
        assert selectors.list_due_notes(now=database_now()) == [note.pk]
    assert _tell(night, note).written_at is not None
    assert len(_recorded(night, "breakglass.case.noted")) == 1
    assert request.state == "pending"


def test_every_step_leaves_a_note_of_its_own(night: Emergency) -> None:
    with night.cast.at_acme("bob"):
        for name in ("lena", "ivan"):
            grant(night.cast.people[name], night.org)
        request = night.active()
        services.end_early(actor=night.cast.bob, request_id=request.pk, now=database_now())
        steps = list(CaseNote.objects.filter(request=request).values_list("step", flat=True))
        assert steps == ["submitted", "activated", "ended"]
        with pytest.raises(IntegrityError, match="a_step_is_noted_once"), transaction.atomic():
            CaseNote.objects.create(
                request=request, step="ended", queued_at=database_now(), due_at=database_now()
            )
