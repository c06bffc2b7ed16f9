"""Many records by few requests: Bulk API 2.0 both ways, and collections."""

from collections.abc import Iterator

import pytest

from apps.crm import errors
from apps.crm.client import bulk, many
from apps.crm.session import Org, open_org
from tests.cast import Cast
from tests.crm import orgs
from tests.fakes.sandbox import RunningSandbox

pytestmark = pytest.mark.django_db
QUERY = "SELECT Id, AppName FROM OauthToken"


@pytest.fixture(autouse=True)
def no_long_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "FIRST_POLL_SECONDS", 0.01)
    monkeypatch.setattr(bulk, "ROWS_PER_PAGE", 500)


@pytest.fixture
def org(cast: Cast, sandbox: RunningSandbox) -> Iterator[Org]:
    connection = orgs.connect(cast, sandbox)
    with open_org(tenant_id=cast.acme.pk, connection_id=connection.pk) as opened:
        yield opened


def test_a_bulk_read_survives_an_ended_session_and_a_failing_page(
    org: Org, sandbox: RunningSandbox
) -> None:
    sandbox.seed(tokens=1300)
    expected = org.count("SELECT COUNT() FROM OauthToken")
    pages = bulk.read(org, QUERY)
    rows = list(next(pages).rows)
    sandbox.admin("POST", "expire")
    sandbox.fault("server_unavailable", when="nth", n=2, path="/jobs/query/")
    for page in pages:
        rows += page.rows
    assert len({row["Id"] for row in rows}) == len(rows) == expected


def test_a_bulk_read_goes_on_from_its_locator(org: Org, sandbox: RunningSandbox) -> None:
    sandbox.seed(tokens=1300)
    whole = [row["Id"] for page in bulk.read(org, QUERY) for row in page.rows]
    first = next(bulk.read(org, QUERY))
    rest = bulk.read(org, "", job_id=first.job_id, locator=first.locator)
    again = first.rows + [row for page in rest for row in page.rows]
    assert sorted(row["Id"] for row in again) == sorted(whole)


def test_a_query_that_the_org_refuses_fails_with_its_code(org: Org) -> None:
    with pytest.raises(errors.CrmError) as failed:
        list(bulk.read(org, "SELECT Nothing__c FROM Case"))
    assert not failed.value.retryable


def test_a_bulk_read_ends_at_its_deadline_and_says_where_to_go_on(org: Org) -> None:
    with pytest.raises(errors.JobUnfinished) as late:
        list(bulk.read(org, QUERY, deadline_seconds=0))
    job_id = late.value.data["job_id"]
    assert list(bulk.read(org, "", job_id=job_id))


def test_a_bulk_write_tells_of_each_record(org: Org, sandbox: RunningSandbox) -> None:
    ids = [org.create("Case", {"Subject": f"Bulk {number}"}) for number in range(3)]
    sandbox.fault("lock_bulk_row")
    rows = [{"Id": record_id, "LLM_Summary__c": 'a, "b"\nc'} for record_id in ids]
    sandbox.fault("session_expired", path="/jobs/ingest")
    result = bulk.write(org, "Case", "update", rows)
    assert len(result.done) == 2 and not result.unprocessed
    (failed,) = result.failed
    assert isinstance(failed.error, errors.RowLocked)
    assert "500" not in failed.error.message
    done = org.read("Case", result.done[0].record_id, ["LLM_Summary__c"])
    assert done is not None and done["LLM_Summary__c"] == 'a, "b"\nc'


def test_a_lost_answer_to_the_end_of_an_upload_is_looked_up(
    org: Org, sandbox: RunningSandbox
) -> None:
    case = org.create("Case", {"Subject": "Bulk"})
    rows = [{"Id": case, "LLM_Summary__c": "once"}]
    sandbox.fault("drop", when="nth", n=2, path="/jobs/ingest/")  # the PATCH
    assert len(bulk.write(org, "Case", "update", rows).done) == 1


def test_collections_answer_for_every_record(org: Org, sandbox: RunningSandbox) -> None:
    made = many.create(org, "Case", [{"Subject": f"Many {number}"} for number in range(203)])
    assert len(made) == 203 and not any(each.error for each in made)
    missing = "500Ma0000009999AAA"
    changes = {made[0].record_id: {"LLM_Summary__c": "yes"}, missing: {"LLM_Summary__c": "no"}}
    before = len(org.request_ids)
    first, second = many.change(org, "Case", changes)
    assert len(org.request_ids) == before + 1
    assert first.error is None
    assert isinstance(second.error, errors.CrmError) and second.record_id == missing
    gone = many.delete(org, [made[1].record_id, missing])
    assert isinstance(gone[0].error, errors.AccessRefused)  # the console may not delete cases
    assert isinstance(gone[1].error, errors.CrmError)


def test_a_collection_is_never_created_twice(org: Org, sandbox: RunningSandbox) -> None:
    sandbox.fault("drop", path="/composite/sobjects")
    sent = len(org.request_ids)
    with pytest.raises(errors.NoAnswer) as lost:
        many.create(org, "Case", [{"Subject": "Once"}])
    assert lost.value.outcome_unknown
    assert len(org.request_ids) == sent + 1
