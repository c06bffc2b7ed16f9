"""A pack of an incident tells what happened at one org, what was done, and what nobody knows."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import transaction

from apps.changes.services import propose
from apps.common.actors import ServiceActor
from apps.common.clock import database_now
from apps.common.errors import Invalid
from apps.crm.models import Connection, Trouble
from apps.evidence import collect, making, services
from apps.evidence.models import Pack
from apps.evidence.pack.content import Section
from apps.evidence.purposes import incident
from apps.ledger import services as ledger
from apps.ledger.models import Event
from apps.posture.findings import handling
from apps.posture.findings.reporting import report_finding
from apps.posture.models import Finding
from apps.posture.reconcile.looking import UNRECORDED
from tests.breakglass.conftest import Emergency
from tests.cast import Cast
from tests.reviews import made_up

CRM, LONG_AGO = ServiceActor("crm"), timedelta(days=30)


@dataclass
class Happened:
    """One org at which something went wrong, and another that has nothing to do with it."""

    org: Connection
    other: Connection
    now: datetime


@pytest.fixture
def happened(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Happened:
    monkeypatch.setattr(settings, "VAR", tmp_path)
    monkeypatch.setattr(settings, "EVIDENCE_WAIT_S", 0.0)
    now = database_now()
    with cast.at_acme() as alice:
        org = made_up.make_connection(created_at=now - LONG_AGO)
        other = made_up.make_connection(name="beside", created_at=now - LONG_AGO)
        _lock_out(org, now)
        for each in (org, other):
            _notice(each, now)
        finding = report_finding(
            kind=UNRECORDED, connection=org, subject="console", level="error",
            title=f"7 calls under the console's app are not in the ledger of {org.name}",
            fix="Find out who.", source=Finding.Source.RECONCILE, now=now - timedelta(hours=1),
        )  # fmt: skip
        handling.assign_finding(
            actor=alice, finding_id=finding.pk, owner_id=alice.pk,
            due_on=now.date() + timedelta(days=3), now=now,
        )  # fmt: skip
    return Happened(org, other, now)


def _lock_out(org: Connection, now: datetime) -> None:
    for cause, ended in (("ip_restricted", None), ("maintenance", now)):
        Trouble.objects.create(
            connection=org, cause=cause, certain=ended is not None, ended_at=ended,
            first_at=now - timedelta(hours=3), last_at=now - timedelta(hours=2), times=4,
        )  # fmt: skip


def _notice(org: Connection, now: datetime) -> None:
    data = {"code": "unknown_client", "words": f"A stranger signed in at {org.name}", "about": "X"}
    at = now - timedelta(hours=2)
    ledger.record(actor=CRM, action="crm.anomaly.noticed", target=org, at=at, data=data)


def _ask(cast: Cast, org_id: UUID, **wish: Any) -> Pack:
    now = database_now()
    with cast.at_acme("otto") as otto:
        days = {"first": now.date() - timedelta(days=1), "last": now.date()}
        return services.request_pack(
            actor=otto, title="The lockout", purpose="incident", subject_id=org_id,
            now=now, **{**days, **wish},
        )  # fmt: skip


def _sections(cast: Cast, pack: Pack, at: datetime) -> list[Section]:
    with cast.at_acme("otto"):
        brief = collect.brief_for(pack, at)
        return [part.write(brief) for part in incident.PURPOSE.parts]


def test_the_pack_tells_the_incident_in_order_and_what_is_open_first(
    cast: Cast, happened: Happened
) -> None:
    pack = _ask(cast, happened.org.pk)
    first, done, findings, _, whole = _sections(cast, pack, database_now())
    assert [row[1] for row in first.tables[0].rows] == [
        "Lockout", "Lockout", "Unusual sign-in", "Finding",
    ]  # fmt: skip
    assert "of which 3 were still open" in first.summary
    assert [(each.result, each.what.partition(" ")[0]) for each in first.exceptions] == [
        ("unknown", "A"),
        ("unknown", "For"),
        ("attention", "Probably:"),
    ]
    assert "The console's address is not allowed (met 4 times)" in first.exceptions[2].what
    assert ("Gave a finding an owner or a day", "Alice") in {
        (row[1], row[2].split()[0]) for row in done.tables[0].rows
    }
    assert findings.result == "danger"
    assert "due: 20" in findings.exceptions[0].detail
    assert whole.result == "good"


def test_what_waits_for_a_second_person_is_told_where_it_was_done(
    cast: Cast, happened: Happened
) -> None:
    with cast.at_acme("bob") as bob:
        Emergency(cast, happened.org).pending()
        propose(
            actor=bob, kind="org_networks", target=str(happened.org.pk), reason="Shut it out.",
            wanted={"networks": ["203.0.113.0/24"]}, now=database_now(),
        )  # fmt: skip
    first, done, *_ = _sections(cast, _ask(cast, happened.org.pk), database_now())
    assert [row[1] for row in first.tables[0].rows][-2:] == ["Emergency access", "Change"]
    assert {each.what for each in done.exceptions} == {
        "00013377, asked for by Bob",
        "Networks of an org's callers: acme-prod",
    }
    assert ("Proposed a change", "Bob") in {row[1:3] for row in done.tables[0].rows}


def test_hours_that_nobody_read_are_unknown_and_not_quiet(cast: Cast, happened: Happened) -> None:
    pack = _ask(cast, happened.org.pk)
    first = _sections(cast, pack, database_now())[0]
    assert ("unknown", True) in {
        (each.result, "no event log was read" in each.what) for each in first.exceptions
    }
    assert [each.result for each in first.checked] == ["attention", "unknown", "unknown"]


def test_days_without_anything_say_so_and_are_not_called_good(
    cast: Cast, happened: Happened
) -> None:
    day = happened.now.date() - timedelta(days=20)
    with cast.at_acme("otto"):
        pack = _ask(cast, happened.other.pk, first=day, last=day)
    first, done, findings, _, whole = _sections(cast, pack, database_now())
    assert "saw nothing unusual in these days" in first.summary
    assert first.tables[0].rows == ()
    assert {each.result for each in (first, done, findings, whole)} == {"unknown"}
    assert "For 24 of 24 hours" in first.exceptions[0].what


def test_only_events_that_concern_the_org_are_inside(cast: Cast, happened: Happened) -> None:
    pack = _ask(cast, happened.org.pk)
    with cast.at_acme("otto"):
        bodies = [bytes(e.body) for e in collect.brief_for(pack, database_now()).events]
        missing = [each.what for each in collect.always_missing(pack)]
    assert any(b"evidence.pack.requested" in body for body in bodies)  # its data names the org
    assert any(b"posture.finding.opened" in body for body in bodies)  # a thing of the org
    assert not [body for body in bodies if str(happened.other.pk).encode() in body]
    assert not [body for body in bodies if b"tenancy.member.added" in body]
    assert any("name neither the org" in what for what in missing)


def test_an_alarm_of_the_ledger_stands_in_every_orgs_pack(cast: Cast, happened: Happened) -> None:
    with cast.at_acme():
        ledger.note(
            action="ledger.source.gap", target_type="source", target_id=str(uuid4()),
            at=database_now(), data={"number": 3}, event_id=uuid4(),
        )  # fmt: skip
    first = _sections(cast, _ask(cast, happened.other.pk), database_now())[0]
    assert first.result == "danger"
    assert first.exceptions[0].what == "Found events missing from the ledger"


def test_the_pack_speaks_german(cast: Cast, happened: Happened) -> None:
    pack = _ask(cast, happened.org.pk, language="de")
    first, done, findings, *_ = _sections(cast, pack, database_now())
    assert first.heading == "Was geschah"
    whats = [each.what for each in first.exceptions]
    assert "Wahrscheinlich: Die Adresse der Konsole ist nicht erlaubt (4-mal angetroffen)" in whats
    assert "Ein Client, den der Bestand nicht kennt, meldete sich an: X" in whats
    assert done.tables[0].rows[0][1] == "Befund jemandem gegeben oder Tag gesetzt"
    assert findings.tables[0].rows[0][4] == "Offen"


def test_the_same_inputs_give_the_same_bytes(
    cast: Cast, happened: Happened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack, at = _ask(cast, happened.org.pk), database_now()
    made = making.Making(cast.acme.pk, pack, at, lambda step, done: None)
    one = made.run(seal_root="ab" * 32)
    monkeypatch.setattr(settings, "VAR", tmp_path / "elsewhere")  # no step is known there
    assert made.run(seal_root="ab" * 32) == one
    with cast.at_acme("otto"):
        assert one[1] == collect.brief_for(pack, at).events.count()


NOBODYS = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"subject": NOBODYS}, "subject"),
        ({"subject": None}, "subject"),
        ({"first": None}, "first"),
        ({"last": None}, "last"),
        ({"first": "2020-01-01", "last": "2020-01-02"}, "last"),
    ],
)
def test_bad_wishes_name_the_field(
    cast: Cast, happened: Happened, changed: dict[str, str | None], field: str
) -> None:
    today = str(happened.now.date())
    wish = {"title": "It", "purpose": "incident", "subject": str(happened.org.pk),
            "first": today, "last": today, **changed}  # fmt: skip
    answer = cast.client("otto").post(
        "/api/v1/packs/", {k: v for k, v in wish.items() if v}, content_type="application/json"
    )
    assert answer.status_code == 400
    assert field in answer.content.decode()
    with cast.at_acme("otto"):
        assert not Pack.objects.exists()


def test_another_tenants_org_does_not_exist(cast: Cast, happened: Happened) -> None:
    with cast.at_globex():
        foreign = made_up.make_connection(name="theirs")
    with pytest.raises(Invalid) as refused:
        _ask(cast, foreign.pk)
    assert refused.value.field == "subject"
    page = cast.client("otto").get("/packs/?purpose=incident").content.decode()
    assert "theirs" not in page
    assert happened.org.name in page


def test_pack_and_record_go_together(cast: Cast, happened: Happened) -> None:
    class Stop(Exception):
        pass

    def ask_and_fail() -> None:
        with transaction.atomic():
            _ask(cast, happened.org.pk)
            raise Stop

    with pytest.raises(Stop):
        ask_and_fail()
    with cast.at_acme("otto"):
        asked = Event.objects.filter(action="evidence.pack.requested")
        assert (Pack.objects.count(), asked.count()) == (0, 0)


def test_the_form_asks_for_the_org_and_its_days(cast: Cast, happened: Happened) -> None:
    today = str(happened.now.date())
    form = {"title": "It", "first": today, "last": today, "subject": str(happened.org.pk)}
    client = cast.client("otto")
    answer = client.post("/packs/?purpose=incident", form)
    assert answer.status_code == 302, answer.context["error"]
    with cast.at_acme("otto"):
        told = json.loads(bytes(Event.objects.get(action="evidence.pack.requested").body))["data"]
    assert told == {"purpose": "incident", "first": today, "last": today,
                    "subject": str(happened.org.pk)}  # fmt: skip
