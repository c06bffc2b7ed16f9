"""Reading records of a real (sandbox) org with an emergency token, over HTTP.

Elevated calls commit as they go, so these tests do too, in tenants of their own.
"""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.breakglass import services, tasks
from apps.breakglass.models import EmergencyPolicy, Request
from apps.breakglass.services.elevation import Call
from apps.breakglass.states import State
from apps.common.scope import scoped
from apps.custody.errors import TokenRefused
from apps.ledger import selectors as ledger
from tests.breakglass.actions import path_of
from tests.breakglass.conftest import Emergency, make_org
from tests.breakglass.opened import FIELDS, Opened, open_access
from tests.cast import make_cast
from tests.fakes.sandbox import RunningSandbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def opened(sandbox: RunningSandbox) -> Opened:
    return open_access(sandbox)


def test_the_approved_fields_of_the_approved_record_are_read(opened: Opened) -> None:
    answer = opened.get()
    assert answer.status_code == 200, answer.content
    assert answer.json()["values"] == {name: opened.record[name] for name in FIELDS}
    assert answer["Cache-Control"] == "no-store"
    narrow = opened.get(query={"fields": "Status"})
    assert narrow.json()["values"] == {"Status": opened.record["Status"]}
    with opened.emergency.cast.at_acme():
        reads = ledger.list_events(action="breakglass.record.read")
        data = [ledger.data_of(event) for event in reads]
    assert {entry["fields"] for entry in data} == {1, 2}
    assert all(entry["record"] == opened.record["Id"] and entry["org_requests"] for entry in data)


@pytest.mark.parametrize(
    ("asked", "rule"),
    [
        ({"record_id": "other"}, "elevation-record"),
        ({"object_name": "Contact"}, "elevation-object"),
        ({"query": {"fields": "Status,Description"}}, "elevation-fields"),
        ({"REMOTE_ADDR": "198.51.100.7"}, "elevation-geofence"),
    ],
)
def test_a_refused_call_names_its_rule_and_is_recorded(
    opened: Opened, asked: dict[str, Any], rule: str
) -> None:
    if asked.get("record_id"):
        asked = {"record_id": opened.other}
    answer = opened.get(**asked)
    assert (answer.status_code, answer.json()["rule"]) == (403, rule)
    assert opened.path()[-1] == "record.refused"


def test_ending_stops_the_next_call(opened: Opened) -> None:
    assert opened.get().status_code == 200
    opened.end()
    started = time.monotonic()
    answer = opened.get()
    assert time.monotonic() - started < 1
    assert (answer.status_code, answer.json()["code"]) == (401, "token_refused")
    assert opened.path()[-1] == "record.refused"


def test_ending_while_the_org_answers_yields_nothing(
    opened: Opened, sandbox: RunningSandbox
) -> None:
    sandbox.fault("hang", seconds=2.0, path="/sobjects/Case")
    answers: list[Any] = []
    reading = threading.Thread(target=lambda: answers.append(opened.get()))
    reading.start()
    time.sleep(0.7)
    opened.end()
    reading.join(timeout=60)
    assert answers[0].status_code == 401
    assert "values" not in answers[0].json()
    assert "record.read" not in opened.path()


def test_the_deadline_holds_though_no_sweeper_runs(opened: Opened) -> None:
    deadline = opened.request.deadline_at
    assert deadline
    call = Call(opened.text, "127.0.0.1", "Case", opened.record["Id"])
    with pytest.raises(TokenRefused):
        services.read_record(tenant_id=opened.emergency.cast.acme.pk, call=call, now=deadline)


def test_a_silent_org_is_said_and_recorded(opened: Opened, sandbox: RunningSandbox) -> None:
    sandbox.fault("insufficient_access", when="always", path="/sobjects/Case")
    answer = opened.get()
    assert (answer.status_code, answer.json()["code"]) == (502, "crm_access_refused")
    assert opened.path()[-1] == "record.failed"


def test_without_an_emergency_token_there_is_no_way_in(opened: Opened) -> None:
    for text in ("", "nonsense", opened.text[:-3], "bwk_aaaa_bbbb"):
        assert opened.get(text=text).status_code == 401
    url = reverse("breakglass:api-record", args=["Case", opened.record["Id"]])
    assert opened.emergency.cast.client("bob").get(url).status_code == 401
    assert "record.refused" not in opened.path()


def test_the_emergency_token_opens_nothing_else(opened: Opened) -> None:
    for name in ("breakglass:api-requests", "crm:api-connections"):
        answer = Client().get(reverse(name), headers={"Authorization": f"Bearer {opened.text}"})
        assert answer.status_code == 401


def test_the_task_proves_the_token_dead_and_closes(opened: Opened) -> None:
    opened.end()
    ids = {"tenant_id": str(opened.emergency.cast.acme.pk), "request_id": str(opened.request.pk)}
    tasks.rotate(**ids)
    assert opened.path()[-2:] == ["token.proven_dead", "request.closed"]
    tasks.rotate(**ids)
    assert opened.path().count("token.proven_dead") == 1


def test_the_sweep_expires_and_retries_what_is_due() -> None:
    cast = make_cast()
    tenant_id = str(cast.acme.pk)
    with cast.at_acme():
        emergency = Emergency(cast, make_org())
    with cast.at_acme("bob"):
        EmergencyPolicy.objects.create(version=1, pending_life=timedelta(milliseconds=200))
        request = emergency.pending()
    tasks.sweep(tenant_id=tenant_id)
    time.sleep(0.3)
    for _ in range(2):
        tasks.sweep(tenant_id=tenant_id)
    with scoped(tenant_id=cast.acme.pk):
        assert Request.objects.get(pk=request.pk).state == State.EXPIRED
        assert path_of(request).count("request.expired") == 1
