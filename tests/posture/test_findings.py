"""Findings: seen once, seen again, gone, back."""

from datetime import datetime, timedelta

import pytest

from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.ledger.models import Event
from apps.posture.findings.reporting import report_finding, settle_absent
from apps.posture.models import Finding
from tests.cast import Cast

KIND = "scan.egress-llm"


def seen(now: datetime, *, subject: str = "classes/A.cls", kind: str = KIND) -> Finding:
    return report_finding(
        kind=kind,
        connection=None,
        subject=subject,
        title="Apex A.cls calls OpenAI",
        level="error",
        fix="Send the call to your gateway.",
        source="scan",
        now=now,
    )


def actions() -> list[str]:
    rows = Event.objects.filter(target_type="posture.finding").order_by("recorded_at", "at")
    return [row.action.rpartition(".")[2] for row in rows]


def test_the_same_thing_seen_twice_is_one_finding(cast: Cast) -> None:
    with scoped(tenant_id=cast.acme.pk):
        now = database_now()
        first, second = seen(now), seen(now + timedelta(days=1))

        assert first.pk == second.pk
        assert second.last_seen_at - second.first_seen_at == timedelta(days=1)
        assert actions() == ["opened"]


def test_what_a_complete_look_no_longer_shows_is_fixed_then_verified_then_back(cast: Cast) -> None:
    with scoped(tenant_id=cast.acme.pk):
        now = database_now()
        found = seen(now)
        kept = seen(now, subject="classes/B.cls")
        still = {(KIND, kept.subject)}

        states = []
        for _ in range(2):
            settle_absent(source="scan", connection=None, seen=still, now=now)
            states.append(Finding.objects.get(pk=found.pk).state)
        states.append(seen(now).state)

        assert states == ["fixed", "verified", "reopened"]
        assert Finding.objects.get(pk=kept.pk).state == "open"
        assert actions() == ["opened", "opened", "gone", "verified", "reopened"]


def test_an_accepted_finding_comes_back_when_its_time_is_over(cast: Cast) -> None:
    with scoped(tenant_id=cast.acme.pk):
        now = database_now()
        found = seen(now)
        Finding.objects.filter(pk=found.pk).update(
            state="accepted", reason="Replaced in May", accepted_until=now.date()
        )

        assert seen(now).state == "accepted"
        assert seen(now + timedelta(days=1)).state == "reopened"


def test_a_kind_that_nobody_declared_is_refused(cast: Cast) -> None:
    with scoped(tenant_id=cast.acme.pk), pytest.raises(KeyError):
        seen(database_now(), kind="scan.made-up")


def test_another_tenant_sees_and_settles_nothing(cast: Cast) -> None:
    with scoped(tenant_id=cast.acme.pk):
        found = seen(database_now())
    with scoped(tenant_id=cast.globex.pk):
        assert not Finding.objects.exists()
        assert settle_absent(source="scan", connection=None, seen=set(), now=database_now()) == 0
    with scoped(tenant_id=cast.acme.pk):
        assert Finding.objects.get(pk=found.pk).state == "open"
