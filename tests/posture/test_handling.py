"""Findings in people's hands: owned, fixed, accepted for a time; the pages and the API."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from apps.common.clock import database_now
from apps.common.errors import Conflict, Denied, Invalid, NotFound
from apps.crm.models import Connection
from apps.ledger import selectors as ledger
from apps.ledger import services as recording
from apps.posture.findings import anomalies, handling, reading
from apps.posture.findings.reporting import report_finding, settle_absent
from apps.posture.models import Finding
from tests.cast import Cast
from tests.crm.test_pages import text_of
from tests.reviews import made_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def org(cast: Cast) -> Connection:
    with cast.at_acme():
        return made_up.make_connection()


def seen(cast: Cast, org: Connection, **values: Any) -> Finding:
    known = {
        "kind": "scan.egress-llm", "subject": "classes/A.cls", "title": "Apex calls OpenAI",
        "level": "error", "fix": "Use your gateway.", "source": "scan",
    }  # fmt: skip
    with cast.at_acme():
        return report_finding(connection=org, now=database_now(), **{**known, **values})


def state_of(cast: Cast, found: Finding) -> str:
    with cast.at_acme():
        state: str = Finding.objects.get(pk=found.pk).state
        return state


def test_a_finding_is_owned_taken_up_and_said_fixed(cast: Cast, org: Connection) -> None:
    found, now = seen(cast, org), database_now()
    with cast.at_acme("bob") as bob:
        handling.assign_finding(
            actor=bob, finding_id=found.pk, owner_id=bob.pk, due_on=now.date(), now=now
        )
        handling.begin_fixing(actor=bob, finding_id=found.pk, now=now)
        handling.say_fixed(actor=bob, finding_id=found.pk, now=now)
        with pytest.raises(Conflict):
            handling.say_fixed(actor=bob, finding_id=found.pk, now=now)
        actions = [event.action.rpartition(".")[2] for event in ledger.list_path_of(found)]
    assert sorted(actions) == sorted(["opened", "assigned", "taken_up", "said_fixed"])
    assert state_of(cast, found) == "fixed"


def test_said_fixed_is_proven_only_by_a_look_taken_afterwards(cast: Cast, org: Connection) -> None:
    found = seen(cast, org)
    before = database_now() - timedelta(minutes=5)
    with cast.at_acme("bob") as bob:
        said = handling.say_fixed(actor=bob, finding_id=found.pk, now=database_now())
        for read_at in (before, said.fixed_at):
            settle_absent(
                source="scan", connection=org, seen=set(), now=database_now(), read_at=read_at
            )
        assert state_of(cast, found) == "fixed"
        later = database_now() + timedelta(seconds=1)
        settle_absent(source="scan", connection=org, seen=set(), now=later, read_at=later)
    assert state_of(cast, found) == "verified"


def test_an_admin_accepts_for_a_time_and_the_sweep_opens_it_again(
    cast: Cast, org: Connection
) -> None:
    found, now = seen(cast, org), database_now()
    until = now.date() + timedelta(days=30)
    wanted: dict[str, Any] = {
        "finding_id": found.pk,
        "reason": "The vendor mends it in May.",
        "until": until,
    }
    with cast.at_acme("bob") as bob, pytest.raises(Denied):
        handling.accept_finding(actor=bob, now=now, **wanted)
    with cast.at_acme() as alice:
        handling.accept_finding(actor=alice, now=now, **wanted)
        assert handling.reopen_ended(now=now + timedelta(days=30)) == 0
        assert state_of(cast, found) == "accepted"
        assert handling.reopen_ended(now=now + timedelta(days=31)) == 1
    assert state_of(cast, found) == "reopened"


@pytest.mark.parametrize(
    ("reason", "days", "field"),
    [("", 30, "reason"), ("ok", 30, "reason"), ("x" * 401, 30, "reason"),
     ("A good reason.", 0, "until"), ("A good reason.", 400, "until")],
)  # fmt: skip
def test_no_reason_or_no_near_day_is_said_at_the_field(
    cast: Cast, org: Connection, reason: str, days: int, field: str
) -> None:
    found, now = seen(cast, org), database_now()
    until = now.date() + timedelta(days=days)
    with cast.at_acme() as alice, pytest.raises(Invalid) as refused:
        handling.accept_finding(
            actor=alice, finding_id=found.pk, reason=reason, until=until, now=now
        )
    assert refused.value.field == field
    assert state_of(cast, found) == "open"


def test_someone_without_rights_on_the_org_or_of_another_tenant_changes_nothing(
    cast: Cast, org: Connection
) -> None:
    found, now = seen(cast, org), database_now()
    with cast.at_acme("rita") as rita, pytest.raises(Denied):
        handling.say_fixed(actor=rita, finding_id=found.pk, now=now)
    with cast.at_globex() as mallory, pytest.raises(NotFound):
        handling.say_fixed(actor=mallory, finding_id=found.pk, now=now)
    with cast.at_acme() as alice, pytest.raises(Invalid):
        handling.assign_finding(
            actor=alice, finding_id=found.pk, owner_id=cast.mallory.pk, due_on=None, now=now
        )
    assert state_of(cast, found) == "open"


def test_an_act_that_is_rolled_back_leaves_no_entry(cast: Cast, org: Connection) -> None:
    found = seen(cast, org)
    with cast.at_acme("bob") as bob:
        with pytest.raises(RuntimeError), transaction.atomic():
            handling.say_fixed(actor=bob, finding_id=found.pk, now=database_now())
            raise RuntimeError("the request dies")
        assert not ledger.list_events(action="posture.finding.said_fixed").exists()
    assert state_of(cast, found) == "open"


def test_the_list_shows_the_serious_first_page_by_page(cast: Cast, org: Connection) -> None:
    for number, level in enumerate(("note", "error", "warning", "error")):
        seen(cast, org, subject=f"thing {number}", title=f"Thing {number}", level=level)
    with cast.at_acme() as alice:
        rows = reading.list_findings(actor=alice, today=database_now().date())
        cursor, titles = "", []
        for _ in range(4):
            page, cursor = reading.after(rows, cursor, limit=1)
            titles += [each.title for each in page]
    assert titles == ["Thing 1", "Thing 3", "Thing 2", "Thing 0"] and cursor == ""
    text = text_of(cast.client("alice").get(reverse("posture:findings")))
    assert "4 open: 2 serious, 1 to look into, 1 worth a note." in text
    only = cast.client("alice").get(reverse("posture:findings"), {"level": "note"})
    assert "Thing 0" in text_of(only) and "Thing 1" not in text_of(only)
    for odd in ({"after": "\x00"}, {"after": "1_2_3"}):
        assert cast.client("alice").get(reverse("posture:findings"), odd).status_code == 400
    for odd in ({"org": "x", "level": "x"}, {"show": "\x00", "source": "'"}):
        assert cast.client("alice").get(reverse("posture:findings"), odd).status_code == 200


def test_the_page_does_each_act_and_says_what_is_wrong_at_the_field(
    cast: Cast, org: Connection
) -> None:
    found, alice = seen(cast, org), cast.client("alice")
    address = reverse("posture:finding", args=[found.pk])
    assert "nobody owns it" in text_of(alice.get(address))
    for wrong in (
        {"act": "assign", "owner": "nobody", "due_on": ""},
        {"act": "assign", "owner": "", "due_on": "2020-01-01"},
        {"act": "accept", "reason": "", "until": "2026-99-99"},
        {"act": "explode"},
    ):
        assert alice.post(address, wrong).status_code == 422, wrong
    assert state_of(cast, found) == "open"
    day = str(database_now().date() + timedelta(days=3))
    given = {"act": "assign", "owner": str(cast.bob.pk), "due_on": day}
    assert alice.post(address, given).status_code == 302
    assert "owned by Bob" in text_of(alice.get(address))
    given = {"act": "accept", "reason": "Replaced in May by another app.", "until": day}
    assert alice.post(address, given).status_code == 302
    assert f"Accepted until {day}" in text_of(alice.get(address))
    assert alice.post(address, {"act": "begin"}).status_code == 302
    assert alice.post(address, {"act": "fixed"}).status_code == 302
    assert "Said to be fixed, not proven" in text_of(alice.get(address))


@pytest.mark.parametrize("name", ["show", "level", "source"])
def test_a_filter_that_is_none_is_refused_by_the_api(cast: Cast, name: str) -> None:
    answer = cast.client("alice").get("/api/v1/findings/", {name: "eror"})
    assert answer.status_code == 400 and answer.json()["errors"][0]["field"] == name


def test_the_api_does_what_the_pages_do(cast: Cast, org: Connection) -> None:
    found, alice = seen(cast, org), cast.client("alice")
    listed = alice.get(reverse("posture:api-findings")).json()
    assert [row["title"] for row in listed["results"]] == ["Apex calls OpenAI"]
    assert listed["next"] == ""
    day = str(database_now().date() + timedelta(days=3))

    def post(name: str, body: dict[str, Any]) -> Any:
        address = reverse(f"posture:{name}", args=[found.pk])
        return alice.post(address, body, content_type="application/json")

    assert post("api-assign", {"owner": None, "due_on": day}).json()["due_on"] == day
    assert post("api-accept", {"reason": "no", "until": day}).status_code == 400
    accepted = post("api-accept", {"reason": "Replaced in May.", "until": day}).json()
    assert (accepted["state"], accepted["reason"]) == ("accepted", "Replaced in May.")
    assert post("api-begin", {}).json()["state"] == "fixing"
    assert post("api-fixed", {}).json()["state"] == "fixed"
    assert alice.get(reverse("posture:api-finding", args=[found.pk])).json()["fixed_at"]
    assert alice.get(reverse("posture:api-finding", args=[uuid.uuid4()])).status_code == 404


def test_what_crm_noticed_becomes_a_finding_once(
    cast: Cast, org: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anomalies, "NOTICED", "crm.connection.failed")
    with cast.at_acme() as alice:
        recording.record(
            actor=alice, action="crm.connection.failed", target=org, at=database_now(),
            data={"code": "new_address", "about": "TI2"},
        )  # fmt: skip
        now = database_now()
        assert anomalies.report_anomalies(now=now) == 1
        assert anomalies.report_anomalies(now=now) == 0
        found = Finding.objects.get()
        assert (found.subject, found.title) == ("new_address|TI2", "New address at acme-prod")
        handling.say_fixed(actor=alice, finding_id=found.pk, now=now)
        assert anomalies.report_anomalies(now=now) == 0
        assert Finding.objects.get().state == "fixed"
