"""Pages and API of jobs and runs."""

from typing import Any

from apps.sync.models import Job
from tests.sync.staging import Stage

TYPED = {
    "name": "From the form",
    "field_1": "Subject",
    "field_2": "Description",
    "writeback_field": "LLM_Summary__c",
    "purpose": "case-summary",
    "filter": "open-cases",
}


def typed(acme: Stage, **other: Any) -> dict[str, Any]:
    ids = {"connection_id": str(acme.connection.pk), "endpoint_id": str(acme.near.pk)}
    return {**TYPED, **ids, **other}


def test_the_form_shows_which_rule_would_decide(acme: Stage) -> None:
    client = acme.cast.client("bob")
    near = client.get("/sync/preview/", typed(acme)).content.decode()
    far = client.get("/sync/preview/", typed(acme, endpoint_id=str(acme.far.pk))).content.decode()
    assert "Would run" in near and "fit-to-eu" in near
    assert "Would be refused" in far and "no-rule-matched" in far
    assert "Choose an org" in client.get("/sync/preview/").content.decode()


def test_a_job_is_made_started_and_followed_to_its_end(acme: Stage) -> None:
    client = acme.cast.client("bob")
    assert "No jobs yet" in client.get("/sync/").content.decode()
    made = client.post("/sync/new/", typed(acme))
    assert made.status_code == 302
    job_page = made["Location"]
    assert "Would run" in client.get(job_page).content.decode()
    run_page = client.post(f"{job_page}start/")["Location"]
    waiting = client.get(run_page).content.decode()
    assert "Waiting for a worker" in waiting and f"{run_page}progress/" in waiting
    live = client.get(f"{run_page}progress/")
    assert "hx-get" in live.content.decode() and "HX-Refresh" not in live
    with acme.cast.at_acme():
        run = Job.objects.get().runs.get()
    acme.work_off(run)
    over = client.get(f"{run_page}progress/")
    assert over["HX-Refresh"] == "true" and "hx-get" not in over.content.decode()
    page = client.get(run_page).content.decode()
    assert "summarised and written back" in page and "Written back" in page
    assert "Summary:" not in page


def test_a_refused_run_names_the_rule_and_who_can_change_it(acme: Stage) -> None:
    run = acme.work_off(acme.start(acme.job(acme.far)))
    page = acme.cast.client("otto").get(f"/sync/runs/{run.pk}/").content.decode()
    assert "Refused by the rule “no-rule-matched”. Nothing was sent." in page
    assert "A tenant admin, by publishing another policy" in page
    assert "No record was touched" in page


def test_bad_input_keeps_what_was_typed_and_makes_nothing(acme: Stage) -> None:
    client = acme.cast.client("bob")
    for wrong, words in [
        ({"name": ""}, "The name is empty"),
        ({"connection_id": ""}, "Choose a connected org"),
        ({"endpoint_id": "x"}, "Choose a registered endpoint"),
        ({"field_1": "", "field_2": ""}, "at least one field"),
        ({"field_1": "Sub ject"}, "no API name"),
        ({"writeback_field": "Subject"}, "must not overwrite"),
        ({"purpose": "fun"}, "Choose a purpose"),
        ({"filter": "all"}, "Choose which records"),
    ]:
        answer = client.post("/sync/new/", typed(acme, **wrong))
        assert answer.status_code == 422 and words in answer.content.decode(), wrong
    with acme.cast.at_acme():
        assert not Job.objects.exists()


def test_readers_look_and_do_not_start(acme: Stage) -> None:
    job = acme.job()
    otto = acme.cast.client("otto")
    page = otto.get(f"/sync/jobs/{job.pk}/").content.decode()
    assert "Start a run" not in page
    assert otto.post(f"/sync/jobs/{job.pk}/start/").status_code == 403
    assert otto.get("/sync/new/").status_code == 403
    assert acme.cast.client("lena").get("/sync/").status_code == 403


def test_another_tenants_pages_do_not_exist(acme: Stage) -> None:
    job = acme.job()
    run = acme.start(job)
    mallory = acme.cast.client("mallory")
    for address in (
        f"/sync/jobs/{job.pk}/",
        f"/sync/runs/{run.pk}/",
        f"/sync/runs/{run.pk}/progress/",
        f"/api/v1/sync/jobs/{job.pk}/",
        f"/api/v1/sync/jobs/{job.pk}/runs/",
        f"/api/v1/sync/runs/{run.pk}/",
        f"/api/v1/sync/runs/{run.pk}/items/",
    ):
        assert mallory.get(address).status_code == 404, address
    assert mallory.post(f"/sync/jobs/{job.pk}/start/").status_code == 404
    assert mallory.get("/api/v1/sync/jobs/").json()["results"] == []


def test_the_api_makes_starts_and_reads(acme: Stage) -> None:
    client = acme.cast.client("bob")
    body = {
        "name": "By API",
        "connection_id": str(acme.connection.pk),
        "endpoint_id": str(acme.near.pk),
        "source_fields": ["Subject"],
        "writeback_field": "LLM_Summary__c",
    }
    made = client.post("/api/v1/sync/jobs/", body, content_type="application/json")
    assert made.status_code == 201
    many = {**body, "name": "Many", "source_fields": ["A", "B", "C", "D"]}
    refused = client.post("/api/v1/sync/jobs/", many, content_type="application/json")
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"] == "source_fields"
    runs = f"/api/v1/sync/jobs/{made.json()['id']}/runs/"
    started = client.post(runs)
    assert (started.status_code, started.json()["state"]) == (202, "queued")
    assert client.post(runs).status_code == 409
    with acme.cast.at_acme():
        run = Job.objects.get().runs.get()
    acme.work_off(run)
    read = client.get(f"/api/v1/sync/runs/{run.pk}/").json()
    assert read["state"] == "done" and read["effect"] == "allow"
    items = client.get(f"/api/v1/sync/runs/{run.pk}/items/").json()["results"]
    assert {item["state"] for item in items} == {"written"}
