"""Runs: what reaches the model, what comes back, and what is refused before anything leaves."""

import pytest
from django.db import connection

from apps.common.clock import database_now
from apps.common.errors import Conflict, Denied, NotFound
from apps.common.scope import scoped
from apps.ledger import selectors as ledger
from apps.residency import selectors as residency_selectors
from apps.residency import services as residency
from apps.residency.selectors import compiled_version
from apps.sync import running, services
from apps.sync.models import Run
from apps.tenancy.models import Membership
from tests.residency.made import classify, publish_now
from tests.sync.staging import TARGET, Stage

CANARY = "Canary.Person@leak-test.example"


def test_summaries_are_written_back_to_every_open_case(acme: Stage) -> None:
    run = acme.work_off(acme.start(acme.job()))
    cases, items = acme.cases(), acme.items(run)
    assert (run.state, run.parked, run.error) == ("done", 0, "")
    assert run.written == run.total == len(cases) == len(items) > 0
    assert all(case[TARGET].startswith("Summary:") for case in cases.values())
    assert all("[[" not in case[TARGET] for case in cases.values())
    assert {item.state for item in items.values()} == {"written"}
    assert all(len(item.fingerprint) == 64 and item.request_ids for item in items.values())


def test_each_record_leaves_its_entry_in_the_ledger(acme: Stage) -> None:
    run = acme.work_off(acme.start(acme.job()))
    with acme.cast.at_acme():
        events = list(ledger.list_path_of(run))
        data = [ledger.data_of(event) for event in events]
    actions = [event.action for event in events]
    assert actions[:2] == ["sync.run.started", "sync.run.decided"]
    assert actions[-1] == "sync.run.finished"
    assert actions.count("sync.record.summarised") == run.written
    entry = data[2]
    assert entry["record"] in acme.items(run)
    assert entry["fields"] == ["Subject", "Description", "SuppliedEmail"]
    assert (entry["effect"], entry["policy"]) == ("mask", run.policy_hash)
    assert entry["model"] == "sandbox-summariser" and len(entry["requests"]) >= 2


def test_a_record_and_its_prompt_are_followed_into_the_runs_entries(acme: Stage) -> None:
    run = acme.work_off(acme.start(acme.job()))
    record, item = next(iter(acme.items(run).items()))
    with acme.cast.at_acme():
        [entry] = ledger.list_path(record)
        assert ledger.data_of(entry)["record"] == record
        assert entry in ledger.list_path(item.fingerprint)


def test_an_endpoint_outside_the_zone_is_refused_before_anything_leaves(acme: Stage) -> None:
    before = acme.sandbox.llm_requests(1)["count"]
    calls = acme.sandbox.state()
    run = acme.work_off(acme.start(acme.job(acme.far)))
    assert (run.state, run.effect, run.rules) == ("refused", "deny", ["no-rule-matched"])
    assert "US east" in run.reasons[0]
    assert acme.sandbox.llm_requests(1)["count"] == before
    assert acme.sandbox.state() == calls
    assert acme.items(run) == {}
    with acme.cast.at_acme():
        refusal = ledger.list_events(action="sync.run.refused").get()
        assert ledger.data_of(refusal)["rules"] == ["no-rule-matched"]


def test_an_address_in_a_case_never_reaches_the_model_or_the_database(acme: Stage) -> None:
    hidden = CANARY.replace("@", "\u200b\uff20")
    record = acme.add_case(
        Subject=f"From {CANARY}",
        Description=f"Write to {CANARY.upper()} or {hidden} or +49 30 901820.",
        SuppliedEmail=CANARY,
    )
    run = acme.work_off(acme.start(acme.job()))
    assert run.state == "done"
    sent = "\n".join(acme.prompts()).lower()
    assert "[[email_1]]" in sent and "901820" not in sent
    assert "canary.person" not in sent and "leak-test" not in sent
    assert CANARY.lower() in acme.cases()[record][TARGET].lower()
    assert acme.items(run)[record].masked >= 2
    with acme.cast.at_acme():
        assert tables_that_hold("leak-test") == []
        assert tables_that_hold("Summary:") == []


def tables_that_hold(text: str) -> list[str]:
    """Tables with a row of the open tenant that holds the text anywhere."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        found = []
        for table in tables:
            cursor.execute("select has_table_privilege(%s, 'select')", [table])
            if not cursor.fetchone()[0]:
                continue
            cursor.execute(
                f'select count(*) from "{table}" t where t::text ilike %s', [f"%{text}%"]
            )
            if cursor.fetchone()[0]:
                found.append(table)
    return found


def test_a_field_that_must_never_leave_refuses_the_whole_run(acme: Stage) -> None:
    before = acme.sandbox.llm_requests()["count"]
    run = acme.work_off(acme.start(acme.job(source_fields=["Subject", "Comments"])))
    assert (run.state, run.rules) == ("refused", ["never-leaves"])
    assert acme.sandbox.llm_requests()["count"] == before


def test_a_policy_published_meanwhile_stops_the_next_batch(
    acme: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH", 5)
    run = acme.start(acme.job())
    acme.work(run)
    assert acme.reread(run).state == "running"
    with acme.cast.at_acme("alice") as alice:
        classify(alice, "never", "Description")
        publish_now(alice)
    run = acme.work_off(run)
    assert (run.state, run.rules, run.written) == ("refused", ["never-leaves"], 5)


def test_a_run_stops_when_its_person_has_left(acme: Stage) -> None:
    run = acme.start(acme.job())
    with acme.cast.at_acme():
        Membership.objects.filter(user=acme.cast.bob, tenant=acme.cast.acme).delete()
    run = acme.work_off(run)
    assert (run.state, run.rules) == ("refused", ["starter-left"])


def test_without_the_right_on_the_org_nobody_runs_a_job(acme: Stage) -> None:
    job = acme.job()
    for name in ("lena", "otto"):
        with acme.cast.at_acme(name) as person, pytest.raises(Denied):
            services.start_run(actor=person, job_id=job.pk, now=database_now())
    with scoped(tenant_id=acme.cast.acme.pk):
        assert not Run.objects.exists()


def test_another_tenants_job_does_not_exist(acme: Stage) -> None:
    job = acme.job()
    with acme.cast.at_globex() as mallory, pytest.raises(NotFound):
        services.start_run(actor=mallory, job_id=job.pk, now=database_now())


def test_a_second_run_waits_for_the_first(acme: Stage) -> None:
    job = acme.job()
    acme.start(job)
    with pytest.raises(Conflict, match="still going"):
        acme.start(job)


def test_a_zone_that_was_never_published_is_unknown(acme: Stage) -> None:
    with acme.cast.at_acme("alice") as alice:
        residency.add_zone(actor=alice, name="New", jurisdictions=["DE"], now=database_now())
    job = acme.job()
    with acme.cast.at_acme():
        from apps.residency.models import Zone
        from apps.sync.flows import verdict_on

        acme.near.zone = Zone.objects.get(slug="new")
        verdict = verdict_on(
            connection=job.connection,
            endpoint=acme.near,
            object_name="Case",
            fields=["Subject"],
            purpose=job.purpose,
        )
    assert verdict.rules == ("destination-without-zone",)


def test_a_policy_that_cannot_be_read_refuses_the_run(
    acme: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled_version.cache_clear()
    monkeypatch.setattr(residency_selectors, "hash_of", lambda content: "another")
    run = acme.work_off(acme.start(acme.job()))
    compiled_version.cache_clear()
    assert (run.state, run.rules) == ("refused", ["policy_unreadable"])
    assert acme.items(run) == {}
